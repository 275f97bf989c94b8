// Answers made of the graph's own bytes: the envelope of the contract around pieces that are streamed as they lie.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { madeOf } from '../compression/compress.ts';
import type { Snapshot } from '../graph/snapshot.ts';
import type { AnswerMeter } from '../reading-metrics.ts';

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
 * The chunks as a stream, pulled as fast as the reader takes them. The source is let go when it ends, however, even if
 * it was never begun.
 */
export function streamOf(
  source: Pick<Source, 'release' | 'onCut'>,
  chunks: Iterable<Buffer>,
  meter: AnswerMeter,
): Readable {
  const metered = countedBy(meter, chunks);
  const body = Readable.from(metered, { objectMode: false, highWaterMark: ahead });
  // It breaks off as when the connection does: a shorter answer would look whole.
  source.onCut?.(() => body.destroy());
  return madeOf(body, metered).once('close', () => {
    source.release();
    meter.end();
  });
}

function* countedBy(meter: AnswerMeter, chunks: Iterable<Buffer>): Generator<Buffer> {
  for (const chunk of chunks) {
    meter.add(chunk.length);
    yield chunk;
  }
}

/** The text of a successful answer. `more` is further members of the document, each with the comma before it. */
export function* textOf(source: Source, lists: readonly List[], more = ''): Generator<Buffer> {
  yield Buffer.from(`{"success":true,"timestamp":"${source.timestamp}","revision":${source.revision}`);
  for (const { name, chunks } of lists) {
    yield Buffer.from(`,\n"${name}":[\n`);
    yield* chunks();
    yield Buffer.from(']');
  }
  yield Buffer.from(`${more},\n"completeness":${source.completeness}}\n`);
}
