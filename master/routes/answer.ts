// Answers made of the graph's own bytes: the envelope of the contract around pieces that are streamed as they lie.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { madeOf } from '../compression/compress.ts';
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

/** What an answer says of itself, and how it lets go of what it reads. */
export type Source = Pick<Snapshot, 'revision' | 'timestamp' | 'completeness' | 'release'> &
  Partial<Pick<Snapshot, 'onCut'>>;

/** Read ahead of the reader. It is shared memory; what counts is how long one write keeps others waiting. */
const ahead = 512 << 10;

/**
 * The body of a successful answer, pulled as fast as the reader takes it. The source is let go when it ends, however.
 * `more` is further members of the document, each with the comma before it.
 */
export function bodyOf(source: Source, lists: readonly List[], more = ''): Readable {
  return streamOf(source, textOf(source, lists, more));
}

/** The chunks as a stream. One that is never begun lets go of the source, too. */
export function streamOf(source: Pick<Source, 'release' | 'onCut'>, chunks: Iterable<Buffer>): Readable {
  const body = Readable.from(chunks, { objectMode: false, highWaterMark: ahead });
  // It breaks off as when the connection does: a shorter answer would look whole.
  source.onCut?.(() => body.destroy());
  return madeOf(body, chunks).once('close', () => source.release());
}

function* textOf(source: Source, lists: readonly List[], more: string): Generator<Buffer> {
  yield Buffer.from(`{"success":true,"timestamp":"${source.timestamp}","revision":${source.revision}`);
  for (const { name, chunks } of lists) {
    yield Buffer.from(`,\n"${name}":[\n`);
    yield* chunks();
    yield Buffer.from(']');
  }
  yield Buffer.from(`${more},\n"completeness":${source.completeness}}\n`);
}
