// Answers made of the graph's own bytes: the envelope of the contract around pieces that are streamed as they lie.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fault } from '../../src/errors.ts';
import { madeOf } from '../compression/compress.ts';
import type { Snapshot } from '../graph/snapshot.ts';
import { turns } from '../turns.ts';

/** Sets the validator of a revision; true when the caller has that revision already and 304 was answered. */
export function unchanged(request: FastifyRequest, reply: FastifyReply, epoch: string, revision: number): boolean {
  const tag = validate(reply, epoch, revision);
  const known = request.headers['if-none-match'];
  if (known === undefined) return false;
  const tags = known.split(',').map((each) => each.trim().replace(/^W\//, ''));
  if (!tags.includes(tag) && !tags.includes('*')) return false;
  reply.code(304).send();
  return true;
}

/** Says by its validator which revision the answer is: the graph may have gone on since the caller was compared with it. */
export function validate(reply: FastifyReply, epoch: string, revision: number): string {
  const tag = `"${epoch}-${revision}"`;
  reply.header('etag', tag).header('cache-control', 'no-cache');
  return tag;
}

/** Aborts when the connection goes before the answer went out. */
export function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  if (raw.destroyed) gone.abort();
  return gone.signal;
}

/** Chunks of text; undefined ones are places to be interrupted at. */
export type Chunks = Iterable<Buffer | undefined>;

/** One array of the answer: its name, and its elements as chunks of text with commas between them. */
export interface List {
  readonly name: string;
  readonly chunks: () => Chunks;
}

/** What an answer says of itself, and how it lets go of what it reads. */
export type Source = Pick<Snapshot, 'revision' | 'timestamp' | 'completeness' | 'release'> &
  Partial<Pick<Snapshot, 'held'>>;

/** Bytes of the past that a reader may keep in memory, all readers as slow as it together: beyond it, it is cut off. */
const mostHeld = 512 << 20;
/** Milliseconds between two looks at it. */
const heldPeriod = 1000;
/** Read ahead of the reader. It is shared memory; what counts is how long one write keeps others waiting. */
const ahead = 512 << 10;

/**
 * The body of a successful answer, pulled as fast as the reader takes it. The source is let go when it ends, however.
 * `more` is further members of the document, each with the comma before it.
 */
export function bodyOf(source: Source, lists: readonly List[], more: Iterable<string> = []): Readable {
  return streamOf(source, textOf(source, lists, more));
}

/**
 * The chunks as a stream, made and written in turns: a reader that takes them as fast as they come would hold the loop
 * until the last of them. One that is never begun lets go of the source, too.
 */
export function streamOf(source: Pick<Source, 'release' | 'held'>, chunks: Chunks): Readable {
  const paced = turns.pace(chunks);
  const body = Readable.from(paced, { objectMode: false, highWaterMark: ahead });
  const looking = source.held && setInterval(() => cutOff(source, body), heldPeriod).unref();
  return madeOf(body, paced).once('close', () => {
    clearInterval(looking);
    source.release();
  });
}

/** The answer breaks off, as when the connection does: a shorter one would look whole. */
function cutOff({ held }: Pick<Source, 'held'>, body: Readable): void {
  if ((held?.() ?? 0) > mostHeld) body.destroy(fault('unavailable', { reason: 'the answer was read too slowly' }));
}

function* textOf(source: Source, lists: readonly List[], more: Iterable<string>): Generator<Buffer | undefined> {
  yield Buffer.from(`{"success":true,"timestamp":"${source.timestamp}","revision":${source.revision}`);
  for (const { name, chunks } of lists) {
    yield Buffer.from(`,\n"${name}":[\n`);
    yield* chunks();
    yield Buffer.from(']');
  }
  for (const text of more) yield Buffer.from(text);
  yield Buffer.from(`,\n"completeness":${source.completeness}}\n`);
}
