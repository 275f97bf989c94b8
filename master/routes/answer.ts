// Answers made of the graph's own bytes: the envelope of the contract around pieces that are streamed as they lie.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Steps } from '../../src/steps.ts';
import { askerOf } from '../access/asker.ts';
import { madeOf } from '../compression/compress.ts';
import { type Part, partRevisions } from '../graph/questions/part-revisions.ts';
import type { Snapshot } from '../graph/revisions/snapshot.ts';
import type { AnswerMeter } from '../telemetry/reading-metrics.ts';
import { turns } from '../turns.ts';
import type { RouteContext } from './route.ts';

/** Sets the validator of a revision; true when the caller has that revision already and 304 was answered. */
export function unchanged(request: FastifyRequest, reply: FastifyReply, epoch: string, revision: number): boolean {
  return isKnown(request, reply, validate(reply, epoch, revision));
}

function isKnown(request: FastifyRequest, reply: FastifyReply, own: string): boolean {
  const tag = own.replace(/^W\//, '');
  const known = request.headers['if-none-match'];
  if (known === undefined) return false;
  const tags = known.split(',').map((each) => each.trim().replace(/^W\//, ''));
  if (!tags.includes(tag) && !tags.includes('*')) return false;
  reply.code(304).send();
  return true;
}

/** Says by its validator which revision the answer is: the graph may have gone on since the caller was compared with it. */
export function validate(reply: FastifyReply, epoch: string, revision: number): string {
  return tagged(reply, `"${epoch}-${revision}"`);
}

/** Sets the validator of a part; true when the caller has it as it is already and 304 was answered. */
export function unchangedPart(
  request: FastifyRequest,
  reply: FastifyReply,
  { epoch, graph }: Here,
  part: Part,
): boolean {
  return isKnown(request, reply, tagged(reply, partTag(epoch, partRevisions(graph).of(part))));
}

/** Says by its validator how the part was at the revision that is answered: it may have changed since. */
export function validatePart(reply: FastifyReply, { epoch, graph }: Here, part: Part, answered: number): void {
  tagged(reply, partTag(epoch, Math.min(partRevisions(graph).of(part), answered)));
}

type Here = Pick<RouteContext, 'epoch' | 'graph'>;

/** Weak: an answer says the revision of the whole graph, too, which goes on while the part stays. */
function partTag(epoch: string, revision: number): string {
  return `W/"${epoch}-part-${revision}"`;
}

function tagged(reply: FastifyReply, tag: string): string {
  reply.header('etag', tag).header('cache-control', 'no-cache');
  return tag;
}

/** What the steps come to, in turns with everything else. @throws Fault `client_gone` when the connection goes before. */
export async function inTurns<T>({ raw }: FastifyReply, steps: Steps<T>): Promise<T> {
  const gone = new AbortController();
  const abort = () => gone.abort();
  raw.once('close', abort);
  if (raw.destroyed) abort();
  try {
    return await turns.run(steps, gone.signal, askerOf(raw));
  } finally {
    raw.off('close', abort);
  }
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
  Partial<Pick<Snapshot, 'onCut'>>;

/** Read ahead of the reader. It is shared memory; what counts is how long one write keeps others waiting. */
const ahead = 512 << 10;

/**
 * The chunks as a stream, made and written in turns: a reader that takes them as fast as they come would hold the loop
 * until the last of them. The source is let go when it ends, however, even if it was never begun.
 */
export function streamOf(source: Pick<Source, 'release' | 'onCut'>, chunks: Chunks, meter: AnswerMeter): Readable {
  const paced = turns.pace(countedBy(meter, chunks));
  const body = Readable.from(paced, { objectMode: false, highWaterMark: ahead });
  // It breaks off as when the connection does: a shorter answer would look whole.
  const stop = source.onCut?.(() => body.destroy());
  return madeOf(body, paced).once('close', () => {
    stop?.();
    source.release();
    meter.end();
  });
}

function* countedBy(meter: AnswerMeter, chunks: Chunks): Generator<Buffer | undefined> {
  for (const chunk of chunks) {
    if (chunk) meter.add(chunk.length);
    yield chunk;
  }
}

/** How every answer begins. `demo` says that what is answered is made up. */
export function headOf(
  { timestamp, revision }: Pick<Source, 'timestamp' | 'revision'>,
  demo: boolean | undefined,
): string {
  return `{"success":true,"timestamp":"${timestamp}","revision":${revision}${demo ? ',"demo":true' : ''}`;
}

/** The text of a successful answer. `more` is further members of the document, each with the comma before it. */
export function* textOf(
  source: Source,
  lists: readonly List[],
  more: Iterable<string> = [],
  demo?: boolean,
): Generator<Buffer | undefined> {
  yield Buffer.from(headOf(source, demo));
  for (const { name, chunks } of lists) {
    yield Buffer.from(`,\n"${name}":[\n`);
    yield* chunks();
    yield Buffer.from(']');
  }
  for (const text of more) yield Buffer.from(text);
  yield Buffer.from(`,\n"completeness":${source.completeness}}\n`);
}
