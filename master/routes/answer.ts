// Answers from the graph's own bytes: the envelope around pieces that are streamed from memory.
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

/** Sets the ETag of a revision. True if the caller has it already, and 304 was sent. */
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

/** Sets the ETag to the answer's revision: the graph may have changed since the caller's was compared. */
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

/** Sets the validator of an answer of that digest; true when the caller has it and 304 was answered. */
export function unchangedDigest(request: FastifyRequest, reply: FastifyReply, epoch: string, digest: string): boolean {
  // Weak: the answer says the revision of the whole graph, too.
  return isKnown(request, reply, tagged(reply, `W/"${epoch}-is-${digest}"`));
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

/** How the work for one question runs: in turns with all others, and only as long as its caller waits. */
export interface Running {
  inTurns<T>(steps: Steps<T>): Promise<T>;
  whileThere<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export function runningFor(reply: FastifyReply): Running {
  return { inTurns: (steps) => inTurns(reply, steps), whileThere: (work) => whileThere(reply, work) };
}

/** The result of the steps, run in turns. @throws Fault `client_gone` if the connection closes first. */
export function inTurns<T>(reply: FastifyReply, steps: Steps<T>): Promise<T> {
  return whileThere(reply, (signal) => turns.run(steps, signal, askerOf(reply.raw)));
}

/** The signal aborts when the caller goes. */
export async function whileThere<T>({ raw }: FastifyReply, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const gone = new AbortController();
  const abort = () => gone.abort();
  raw.once('close', abort);
  if (raw.destroyed) abort();
  try {
    return await work(gone.signal);
  } finally {
    raw.off('close', abort);
  }
}

/** Chunks of text; undefined items are pauses. */
export type Chunks = Iterable<Buffer | undefined>;

/** An array in the answer: its name, and elements as chunks of text with commas. */
export interface List {
  readonly name: string;
  readonly chunks: () => Chunks;
}

/** Metadata of an answer, and how to release its data. */
export type Source = Pick<Snapshot, 'revision' | 'timestamp' | 'completeness' | 'release'> &
  Partial<Pick<Snapshot, 'onCut'>>;

/** Read-ahead in bytes. It is shared memory; a single write must not delay others long. */
const ahead = 512 << 10;

/**
 * Streams the chunks, produced and written in turns, since a fast reader would otherwise block the event loop until the
 * end. Releases the source at the end, even if reading never began.
 */
export function streamOf(source: Pick<Source, 'release' | 'onCut'>, chunks: Chunks, meter: AnswerMeter): Readable {
  const paced = turns.pace(countedBy(meter, chunks));
  const body = Readable.from(paced, { objectMode: false, highWaterMark: ahead });
  // Breaks off like a lost connection: a shorter answer would look complete.
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

/** Start of every answer. `demo`: the data is fictitious. */
export function headOf(
  { timestamp, revision }: Pick<Source, 'timestamp' | 'revision'>,
  demo: boolean | undefined,
): string {
  return `{"success":true,"timestamp":"${timestamp}","revision":${revision}${demo ? ',"demo":true' : ''}`;
}

/** Text of a successful answer. `more`: additional members, each after a comma. */
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
