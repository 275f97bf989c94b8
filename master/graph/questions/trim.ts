// Text of resources with no properties or only those that JSON pointers name, and without the origin of annotations.
// https://www.rfc-editor.org/rfc/rfc6901

import { separator } from '../engine/json.ts';
import type { Entry } from '../engine/order.ts';
import type { Piece } from '../model/bytes.ts';
import { bytesOf, pieceOf, textIn } from '../model/bytes.ts';
import type { Version } from '../model/vertex.ts';
import type { Trim } from './query.ts';

const key = ',"properties":';
/** Keys that tell the origin of an annotation: its author, field and source resource. */
const reasonKeys = new Set(['createdBy', 'field', 'from']);

/** For those who do not ask what the pointers match. */
export function withoutMatches(trim: Trim | undefined): Trim | undefined {
  return trim?.matches ? { ...trim, matches: undefined } : trim;
}

export function* trimmed(entries: Iterable<Pick<Entry, 'version'>>, trim: Trim | undefined): Generator<Piece> {
  if (!trim) for (const { version } of entries) yield version;
  else for (const { version } of entries) yield* trimmedText(version, trim);
}

function* trimmedText(version: Version, trim: Trim): Generator<Piece> {
  const { slab, offset, length, from, to } = version;
  if (trim.properties === false) yield { slab, offset, length: from - key.length };
  else if (trim.pointers) yield withFields(version, trim.pointers, trim.matches);
  else yield { slab, offset, length: to };
  if (trim.reasons === false) yield withoutReasons(version);
  else yield { slab, offset: offset + to, length: length - to };
}

/** The text up to the end of the properties. */
function withFields(version: Version, pointers: NonNullable<Trim['pointers']>, matches: Trim['matches']): Piece {
  const { from, to } = version;
  const text = bytesOf(version);
  const properties = JSON.parse(text.toString('utf8', from, to)) as unknown;
  matches?.look(properties);
  const kept = pick(properties, pointers) ?? {};
  return pieceOf(Buffer.concat([text.subarray(0, from), Buffer.from(JSON.stringify(kept))]));
}

/** The text after the properties. */
function withoutReasons(version: Version): Piece {
  const tail = textIn(version, version.to + 1, version.length - separator.length);
  const { annotations } = JSON.parse(`{${tail}`) as { readonly annotations: object };
  const kept = JSON.stringify(annotations, (name, value) => (reasonKeys.has(name) ? undefined : (value as unknown)));
  return pieceOf(Buffer.from(`,"annotations":${kept}}${separator}`));
}

/**
 * The parts that the pointers name, in their original structure; undefined if none exist. `*` matches all elements. Matched
 * list elements keep their order.
 */
export function pick(value: unknown, pointers: readonly (readonly string[])[]): unknown {
  if (pointers.some((pointer) => pointer.length === 0)) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const kept = Object.entries(value).flatMap(([name, inner]) => {
    const deeper = pointers.flatMap(([first, ...rest]) => (first === name || first === '*' ? [rest] : []));
    const part = deeper.length > 0 ? pick(inner, deeper) : undefined;
    return part === undefined ? [] : [[name, part] as const];
  });
  if (kept.length === 0) return undefined;
  return Array.isArray(value) ? kept.map(([, part]) => part) : Object.fromEntries(kept);
}
