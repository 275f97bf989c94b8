// Splits a watch's bytes into its lines and parses each: one JSON object a line, whatever way the bytes are cut.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isRecord } from '../../src/fields.ts';

export interface WatchEvent {
  readonly type: string;
  readonly object: { [field: string]: unknown };
}

/** What came is no watch event: the lines before it stand, and the stream is of no use any more. */
export class Garbled extends Error {
  constructor(reason: string, cause?: unknown) {
    super(`the watch sent what cannot be read: ${reason}`, { cause });
    this.name = 'Garbled';
  }
}

/** No object of the API comes near it; a longer line is not one. */
const longestLine = 64 * 2 ** 20;
/** Handed over in one go; then everybody else has a turn. */
const inOneGo = 64;
const newline = 0x0a;

/**
 * Hands over each event, one by one, until the stream ends.
 * @throws Garbled at a line that is no event, and at an unfinished one when the stream ends.
 */
export async function readEvents(chunks: AsyncIterable<Buffer>, hand: (event: WatchEvent) => void): Promise<void> {
  let begun: Buffer[] = [];
  let length = 0;
  let handed = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const rest = chunk.subarray(from, end);
      const line = length === 0 ? rest : Buffer.concat([...begun, rest]);
      if (length > 0) begun = [];
      length = 0;
      from = end + 1;
      handOver(line, hand);
      handed += 1;
      if (handed % inOneGo === 0) await nextTurn();
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > longestLine) throw new Garbled(`a line of more than ${longestLine} bytes`);
  }
  if (length > 0) handOver(Buffer.concat(begun), hand);
}

function handOver(line: Buffer, hand: (event: WatchEvent) => void): void {
  if (line.length > 0) hand(eventOf(line));
}

function eventOf(line: Buffer): WatchEvent {
  const event = parsed(line);
  if (!isRecord(event) || typeof event.type !== 'string' || !isRecord(event.object))
    throw new Garbled('a line that is no event');
  return event as unknown as WatchEvent;
}

function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString());
  } catch (error) {
    throw new Garbled('a line that is no JSON', error);
  }
}
