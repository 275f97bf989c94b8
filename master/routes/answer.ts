// Answers made of the graph's own bytes: the envelope of the contract around pieces that are streamed as they lie.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Snapshot } from '../graph/snapshot.ts';

/** Sets the validator of a revision; true when the caller has that revision already and 304 was answered. */
export function unchanged(request: FastifyRequest, reply: FastifyReply, epoch: string, revision: number): boolean {
  const tag = `"${epoch}-${revision}"`;
  reply.header('etag', tag).header('cache-control', 'no-cache');
  const known = request.headers['if-none-match'];
  if (known === undefined) return false;
  const tags = known.split(',').map((each) => each.trim().replace(/^W\//, ''));
  if (!tags.includes(tag) && !tags.includes('*')) return false;
  reply.code(304).send();
  return true;
}

/** One array of the answer: its name, and its elements as chunks of text with commas between them. */
export interface List {
  readonly name: string;
  readonly chunks: () => Iterable<Buffer>;
}

/** The body of a successful answer, pulled as fast as the reader takes it. The snapshot is let go when it ends, however. */
export function bodyOf(snapshot: Snapshot, lists: readonly List[]): Readable {
  return Readable.from(textOf(snapshot, lists), { objectMode: false, highWaterMark: 1 << 20 });
}

function* textOf(snapshot: Snapshot, lists: readonly List[]): Generator<Buffer> {
  try {
    yield Buffer.from(`{"success":true,"timestamp":"${snapshot.timestamp}","revision":${snapshot.revision}`);
    for (const { name, chunks } of lists) {
      yield Buffer.from(`,\n"${name}":[\n`);
      yield* chunks();
      yield Buffer.from(']');
    }
    yield Buffer.from(`,\n"completeness":${snapshot.completeness}}\n`);
  } finally {
    snapshot.release();
  }
}
