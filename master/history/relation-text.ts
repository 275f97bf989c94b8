// The text of a relation, taken apart: its type and ends are known anyway, and the rest is said alike by thousands.
import { timestampOf } from '../../src/clock.ts';

export interface RelationParts {
  /** Milliseconds. */
  readonly at: number;
  /** What follows the target's id, or all of it behind a mark where it is of another form. */
  readonly tail: string;
}

const mark = '\u0000';

export function takeApart(type: string, source: string, target: string, text: string): RelationParts {
  const head = headOf(type);
  const stamp = text.slice(head.length, head.length + 24);
  const at = Date.parse(stamp);
  const before = beforeTail(type, stamp, source, target);
  const isUsual = Number.isSafeInteger(at) && timestampOf(at) === stamp && text.startsWith(before);
  return isUsual ? { at, tail: text.slice(before.length) } : { at: 0, tail: mark + text };
}

export function putTogether(type: string, source: string, target: string, { at, tail }: RelationParts): string {
  if (tail.startsWith(mark)) return tail.slice(mark.length);
  return beforeTail(type, timestampOf(at), source, target) + tail;
}

function headOf(type: string): string {
  return `{"type":${JSON.stringify(type)},"timestamp":"`;
}

function beforeTail(type: string, stamp: string, source: string, target: string): string {
  return `${headOf(type)}${stamp}","source":${JSON.stringify(source)},"target":${JSON.stringify(target).slice(0, -1)}`;
}
