// A page of a list before it is parsed: the token of the next page is read off its beginning or end, so that the next can be
// asked for at once, and managedFields are cut out. They are a third of what a list sends, the most expensive part to parse,
// and nothing of them is ever kept.

import { isRecord } from '../../../src/fields.ts';

/** As Go writes the type's fields in order; lists of custom resources have theirs in order of the alphabet and are left as they are. */
const bookkeeping = Buffer.from(',"managedFields":[{"manager":"');
/** Where in it the list begins. */
const listAt = bookkeeping.indexOf('[');
const quote = 0x22;
const backslash = 0x5c;

/**
 * JSON text in UTF-8 without the managedFields of built-in kinds: the bytes handed in, moved together in their own memory. A
 * list of them that does not end is left as it is for the parser to say so.
 */
export function withoutManagedFields(bytes: Buffer): Buffer {
  let at = bytes.indexOf(bookkeeping);
  if (at < 0) return bytes;
  let kept = at;
  while (at >= 0) {
    const end = endOfList(bytes, at + listAt);
    const from = end < 0 ? at : end;
    at = end < 0 ? -1 : bytes.indexOf(bookkeeping, end);
    const to = at < 0 ? bytes.length : at;
    bytes.copyWithin(kept, from, to);
    kept += to - from;
  }
  return bytes.subarray(0, kept);
}

/** The place behind the list that begins at `from`; negative where it does not end. Quotes inside of strings are escaped. */
function endOfList(bytes: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const code = bytes[at];
    if (code === quote) at = endOfString(bytes, at + 1);
    else if (code === 0x5b || code === 0x7b) depth++;
    else if ((code === 0x5d || code === 0x7d) && --depth === 0) return at + 1;
    if (at < 0) return -1;
  }
  return -1;
}

/** The place of the quote that ends the string, or negative. */
function endOfString(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    const code = bytes[at];
    if (code === quote) return at;
    if (code === backslash) at++;
  }
  return -1;
}

/** What a list says of itself. */
export interface ListMeta {
  readonly resourceVersion: string;
  /** Of the next page; empty on the last. */
  readonly token: string;
}

/** Bytes at the beginning, and at the end, within which a list's metadata lie: they are short. */
export const metaLength = 2048;

/** As lists of built-in kinds are written, field by field. */
const first = /^\{(?:"(?:kind|apiVersion)":"[^"\\]*",){0,2}"metadata":(\{[^{}]*\})/;
/** As lists of custom resources are, in order of the alphabet. No string ends in two braces that close objects. */
const last = /\](?:,"kind":"[^"\\]*")?,"metadata":(\{[^{}]*\})\}\s*$/;

/** Undefined where neither the beginning nor the end says it and the whole must be parsed. */
export function metaIn(beginning: string, end: string): ListMeta | undefined {
  const text = (first.exec(beginning) ?? last.exec(end))?.[1];
  if (text === undefined) return undefined;
  try {
    return metaOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function metaOf(metadata: unknown): ListMeta {
  const { resourceVersion, continue: token } = isRecord(metadata) ? metadata : {};
  return { resourceVersion: String(resourceVersion ?? ''), token: typeof token === 'string' ? token : '' };
}
