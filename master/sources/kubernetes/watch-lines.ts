// Splits the bytes of a watch into lines and parses each: one JSON object per line, wherever chunks are cut.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isRecord } from '../../../src/fields.ts';
import { withoutManagedFields } from './list-text.ts';

export interface WatchEvent {
  readonly type: string;
  readonly object: { [field: string]: unknown };
}

/** A line was not a watch event: earlier lines are valid, the rest of the stream is useless. */
export class Garbled extends Error {
  constructor(reason: string, cause?: unknown) {
    super(`the watch sent what cannot be read: ${reason}`, { cause });
    this.name = 'Garbled';
  }
}

/** No API object is nearly as large; a longer line is invalid. */
const longestLine = 64 * 2 ** 20;
/** Events processed before yielding to others. */
const inOneGo = 64;
const newline = 0x0a;

/**
 * Yields the events that arrived together, until the stream ends. Chunks are modified in place: do not read them elsewhere.
 * @throws Garbled for an invalid line, or an incomplete one at the end, after the events before it.
 */
export async function* readEvents(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly WatchEvent[]> {
  const splitter = createSplitter();
  let handed = 0;
  for await (const chunk of chunks) {
    const lines = splitter.linesOf(chunk);
    for (let at = 0; at < lines.length; at += inOneGo) {
      const some = lines.slice(at, at + inOneGo);
      yield* eventsOf(some);
      handed += some.length;
      if (handed < inOneGo) continue;
      handed = 0;
      await nextTurn();
    }
    if (splitter.length > longestLine) throw new Garbled(`a line of more than ${longestLine} bytes`);
  }
  if (splitter.length > 0) yield* eventsOf([splitter.rest()]);
}

/** Splits into lines; the last may be incomplete. */
function createSplitter() {
  let begun: Buffer[] = [];
  let length = 0;

  function rest(): Buffer {
    const [first = Buffer.alloc(0)] = begun;
    const whole = begun.length > 1 ? Buffer.concat(begun) : first;
    begun = [];
    length = 0;
    return whole;
  }

  function begin(part: Buffer): void {
    if (part.length > 0) begun.push(part);
    length += part.length;
  }

  return {
    rest,
    /** Bytes of the incomplete line. */
    get length() {
      return length;
    },
    /** Non-empty lines completed by the chunk. */
    linesOf(chunk: Buffer): Buffer[] {
      const lines: Buffer[] = [];
      let from = 0;
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
        begin(chunk.subarray(from, end));
        if (length > 0) lines.push(rest());
        from = end + 1;
      }
      begin(chunk.subarray(from));
      return lines;
    },
  };
}

/** Yields them once. @throws Garbled after yielding those before an invalid line. */
function* eventsOf(lines: readonly Buffer[]): Generator<readonly WatchEvent[]> {
  const events: WatchEvent[] = [];
  try {
    for (const line of lines) events.push(eventOf(line));
  } finally {
    if (events.length > 0) yield events;
  }
}

function eventOf(line: Buffer): WatchEvent {
  const event = parsed(line);
  if (!isRecord(event) || typeof event.type !== 'string' || !isRecord(event.object))
    throw new Garbled('a line that is not an event');
  return event as unknown as WatchEvent;
}

function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(withoutManagedFields(line).toString());
  } catch (error) {
    throw new Garbled('a line that is not JSON', error);
  }
}
