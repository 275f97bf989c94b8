// Processes a page of a list before parsing. It reads the continue token at the start or end, so that the next page can be
// requested at once, and cuts out managedFields: a third of a list, the most expensive part to parse, and never kept.

import { isRecord } from '../../../src/fields.ts';

/** In the field order of Go's types. Lists of custom resources are sorted alphabetically and are left as they are. */
const bookkeeping = Buffer.from(',"managedFields":[{"manager":"');
/** Offset of the list in it. */
const listAt = bookkeeping.indexOf('[');
const quote = 0x22;
const backslash = 0x5c;

/**
 * Removes managedFields of built-in kinds from UTF-8 JSON, in place; returns the shortened buffer. An unterminated list is
 * left for the parser to report.
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

/** Position after the list that starts at `from`; negative if unterminated. Quotes within strings are escaped. */
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

/** Position of the closing quote, or negative. */
function endOfString(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    const code = bytes[at];
    if (code === quote) return at;
    if (code === backslash) at++;
  }
  return -1;
}

/** Metadata of a list. */
export interface ListMeta {
  readonly resourceVersion: string;
  /** Continue token; empty on the last page. */
  readonly token: string;
}

/** Bytes at the start and end that may contain a list's metadata, which are short. */
export const metaLength = 2048;

/** Built-in kinds: in field order. */
const first = /^\{(?:"(?:kind|apiVersion)":"[^"\\]*",){0,2}"metadata":(\{[^{}]*\})/;
/** Custom resources: in alphabetical order. No string ends in two braces that close objects. */
const last = /\](?:,"kind":"[^"\\]*")?,"metadata":(\{[^{}]*\})\}\s*$/;

/** Undefined if neither end has it and the whole must be parsed. */
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
