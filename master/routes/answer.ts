// Answers from the graph's own bytes: the envelope around pieces that are streamed from memory.
import { Readable } from 'node:stream';
import { madeOf } from '../compression/compress.ts';
import type { Snapshot } from '../graph/revisions/snapshot.ts';
import type { AnswerMeter } from '../telemetry/reading-metrics.ts';
import { turns } from '../turns.ts';

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

/** Read-ahead in bytes, of which each slow reader may hold a copy. */
const ahead = 128 << 10;

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
