// The thread that writes or reads segments, or does both in memory. threads.ts starts it; asks.ts defines the messages.
import { parentPort, workerData } from 'node:worker_threads';
import { Fault } from '../../src/errors.ts';
import { repeat } from '../../src/repeat.ts';
import { ArchiveReader } from './archive-reader.ts';
import { ArchiveWriter, TooLarge } from './archive-writer.ts';
import type { Answered, Asked, Asks, Progress, Streams, ThreadOptions } from './asks.ts';
import { lowerPriority } from './low-priority.ts';
import type { RevisionRecord } from './records.ts';
import type { TextPart } from './segment-texts.ts';
import { openFolder, openMemory } from './shelf.ts';

const port = parentPort;
const {
  folder,
  writes,
  reads,
  cluster,
  keepsValues,
  limits,
  isShared = false,
  delay = 0,
  offset,
} = workerData as ThreadOptions;
// A small limit needs a small write-ahead log.
const shelf = folder === undefined ? openMemory() : openFolder(folder, limits.bytes / 16);
/** Bytes of memory, where a graph needs no more. */
const usual = folder === undefined ? 64 << 20 : undefined;
const now = offset ? () => Date.now() + (new Float64Array(offset)[0] ?? 0) : Date.now;
const writer = new ArchiveWriter({ shelf, cluster, keepsValues, limits, isShared, usual, now });
const reader = reads ? new ArchiveReader(shelf, folder !== undefined, cluster) : undefined;
/** Milliseconds. */
const often = 5_000;
// Callers get the error.
if (reader) repeat(often, () => reader.letGo(), { error: () => {} });
// Who asks about the past waits; the graph and its recording do not.
if (!writes) lowerPriority();
const streams = new Map<number, Iterator<unknown>>();

function reading(): ArchiveReader {
  if (reader) return reader;
  throw new Error('this thread only writes');
}

const answers: { readonly [what in keyof Asks]: (asked: Asks[what]['asked']) => Asks[what]['told'] } = {
  claim: () => shelf.claim(),
  open() {
    if (!writes) return [];
    return shelf.claim() ? writer.open() : undefined;
  },
  begin(start) {
    writer.begin(start);
    return writer.end;
  },
  key(portion) {
    writer.key(portion);
    letGo(portion.texts);
  },
  keyed: () => writer.keyed(),
  write({ revisions, texts }) {
    // A slow disk, for tests.
    if (delay > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delay);
    const wantsRoll = writer.write(JSON.parse(revisions) as RevisionRecord[], new Uint8Array(texts));
    letGo(texts);
    return progress(wantsRoll);
  },
  writeEvents: (events) => writer.writeEvents(events),
  look: () => progress(writer.look()),
  fail: () => writer.fail(),
  overview: () => ({ ...reading().overview(), bound: writer.bound }),
  moment: (asked) => reading().moment(asked),
  facts: (moment) => reading().facts(moment),
  places: (moment) => reading().placesIn(moment),
  life: ({ id, from, to }) => reading().life(id, from, to),
  since: (uids) => reading().since(uids),
  close() {
    reader?.close();
    if (writes) writer.close();
  },
};

function progress(wantsRoll: boolean): Progress {
  return { wantsRoll, end: writer.end, clockAhead: writer.clockAhead };
}

/** Frees at once: garbage collection is rare in this small heap. */
function letGo(memory: ArrayBuffer): void {
  memory.transfer(0);
}

const openers: { readonly [what in keyof Streams]: (asked: Streams[what]['asked']) => Iterator<unknown> } = {
  load: ({ moment, reach }) => reading().load(moment, reach),
  texts: ({ moment, question }) => reading().texts(moment, question),
  counts: ({ moment, question }) => reading().counts(moment, question),
  touching: ({ moment, ids }) => reading().touching(moment, ids),
  matches: ({ moment, question }) => reading().matches(moment, question),
  rows: ({ moment, chosen }) => reading().rows(moment, chosen),
  edges: ({ moment, relation }) => reading().edges(moment, relation),
  around: ({ moment, core, relation }) => reading().around(moment, { core, relation }),
  difference: ({ from, to, question }) => reading().difference(from, to, question),
  timeline: (asked) => reading().timeline(asked),
  touched: ({ from, to }) => inLists(reading().touched(from, to)),
};

/** Small items in lists of a thousand. */
function* inLists<T>(items: Iterable<T>): Generator<readonly T[]> {
  let list: T[] = [];
  for (const item of items) {
    if (list.push(item) < 1000) continue;
    yield list;
    list = [];
  }
  yield list;
}

function answer({ number, what, asked }: Asked): Answered {
  try {
    if (what === 'next') return { number, ...next(number) };
    if (what === 'stop') return { number, told: stop(number) };
    if (what in openers) {
      streams.set(number, (openers[what as keyof Streams] as (asked: unknown) => Iterator<unknown>)(asked));
      return { number, ...next(number) };
    }
    return { number, told: (answers[what as keyof Asks] as (asked: unknown) => unknown)(asked) };
  } catch (error) {
    streams.delete(number);
    return { number, failure: failureOf(error) };
  }
}

/** Of a portion that says that nothing follows it, nobody has to ask whether more does. */
function next(number: number): Pick<Answered, 'told' | 'isLast'> {
  const stream = streams.get(number);
  const step = stream?.next();
  const isLast = !step || step.done === true || (step.value as { readonly isLast?: boolean }).isLast === true;
  if (isLast) {
    stream?.return?.();
    streams.delete(number);
  }
  return { told: step?.done ? undefined : step?.value, isLast };
}

function stop(number: number): void {
  streams.get(number)?.return?.();
  streams.delete(number);
}

function failureOf(error: unknown): NonNullable<Answered['failure']> {
  if (error instanceof Fault)
    return { code: error.code, facts: error.facts, message: error.message, hindrance: 'failure' };
  const { message = String(error), errcode, code } = error as { message?: string; errcode?: number; code?: string };
  // https://www.sqlite.org/rescode.html#full
  const isFull = (errcode ?? 0) % 256 === 13 || code === 'ENOSPC';
  const hindrance = isFull ? 'disk_full' : error instanceof TooLarge ? 'too_large' : 'failure';
  return { code: undefined, facts: {}, message, hindrance };
}

/** Transfers the memory of texts instead of copying it. */
function givenWith({ told }: Answered): ArrayBuffer[] {
  const { bytes } = (told ?? {}) as Partial<TextPart>;
  return bytes instanceof Uint8Array ? [bytes.buffer] : [];
}

port?.on('message', (asked: Asked) => {
  const answered = answer(asked);
  port.postMessage(answered, givenWith(answered));
});
