// Splits the text of a relation: its type and ends are known anyway, and thousands share the rest.
import { timestampOf } from '../../src/clock.ts';
import type { Dependence, Reference } from '../relations/relation.ts';

export interface RelationParts {
  /** Milliseconds. */
  readonly at: number;
  /** The text after the target's id; or the whole text after a mark, if it has another form. */
  readonly tail: string;
}

/** Before a whole text in place of a tail. */
export const mark = '\u0000';

export function takeApart(type: string, source: string, target: string, text: string): RelationParts {
  const head = headOf(type);
  const stamp = text.slice(head.length, head.length + 24);
  const at = timeOf(stamp);
  const before = beforeTail(type, stamp, source, target);
  const isUsual = at !== undefined && text.startsWith(before);
  return isUsual ? { at, tail: text.slice(before.length) } : { at: 0, tail: mark + text };
}

export function putTogether(type: string, source: string, target: string, { at, tail }: RelationParts): string {
  if (tail.startsWith(mark)) return tail.slice(mark.length);
  return beforeTail(type, timestampOf(at), source, target) + tail;
}

/** What a relation says of itself in `/cluster`. */
export interface TailAnnotations extends Pick<Reference, 'optional' | 'template' | 'ready' | 'defaulted' | 'guess'> {
  readonly depends?: Dependence | 'both';
  readonly rule?: string;
  readonly field?: string;
  readonly fieldOf?: string;
  readonly reasons?: readonly { readonly rule: string; readonly field: string; readonly fieldOf?: string }[];
}

/** Empty for a tail that says nothing. */
export function annotationsIn(tail: string): TailAnnotations {
  try {
    // Starts with the quote after the target's id, and a comma.
    const text = tail.startsWith('",') ? `{${tail.slice(2)}` : tail.slice(1);
    return (JSON.parse(text) as { readonly annotations?: TailAnnotations }).annotations ?? {};
  } catch {
    return {};
  }
}

function headOf(type: string): string {
  return `{"type":${JSON.stringify(type)},"timestamp":"`;
}

function beforeTail(type: string, stamp: string, source: string, target: string): string {
  return `${headOf(type)}${stamp}","source":${JSON.stringify(source)},"target":${JSON.stringify(target).slice(0, -1)}`;
}

/** For a relation's text as in `/cluster`. */
export function endsOf(text: string): { readonly type: string; readonly target: string } {
  const typeEnd = text.indexOf('"', typeStart.length);
  const from = text.indexOf(targetStart, typeEnd) + targetStart.length;
  const to = text.indexOf('"', from);
  const type = text.slice(typeStart.length, typeEnd);
  const target = text.slice(from, to);
  const isPlain = text.startsWith(typeStart) && !type.includes('\\') && !target.includes('\\');
  return isPlain ? { type, target } : (JSON.parse(text) as { readonly type: string; readonly target: string });
}

const typeStart = '{"type":"';
/** Cannot occur within an escaped text. */
const targetStart = '","target":"';

/** The last one parsed: thousands of relations have the same time. */
let last = { stamp: '', at: undefined as number | undefined };

/** Milliseconds; undefined if it has another form. */
function timeOf(stamp: string): number | undefined {
  if (stamp !== last.stamp) {
    const at = Date.parse(stamp);
    last = { stamp, at: Number.isSafeInteger(at) && timestampOf(at) === stamp ? at : undefined };
  }
  return last.at;
}
