// The texts of a segment at a revision, as `/cluster` served them and in its order, in portions: however large the cluster, only
// one portion is in memory.
import { textOrder } from '../../src/text-order.ts';
import { separator } from '../graph/engine/json.ts';
import { mostBytesOf, type Text, writeText } from '../graph/model/bytes.ts';
import { FieldMatches, type UnmatchedField } from '../graph/questions/field-matches.ts';
import type { Trim } from '../graph/questions/query.ts';
import { shortText } from '../graph/questions/short-relations.ts';
import { trimmed } from '../graph/questions/trim.ts';
import { parseWildcards } from '../graph/questions/wildcard.ts';
import { NumberSet } from './number-set.ts';
import { inOrder } from './object-order.ts';
import { putTogether } from './relation-text.ts';
import type { ObjectPlace, Out, SegmentReader } from './segment-reader.ts';
import { stampOf } from './stamp.ts';

/** Which objects; all by default. */
export interface Chosen {
  /** Like `type` and `namespace` of the routes, with full type names. */
  readonly types?: string | undefined;
  readonly namespaces?: string | undefined;
  /** Object numbers as bits. */
  readonly objects?: Uint8Array | undefined;
}

/** What to return of the chosen objects. */
export type TextQuestion =
  | { readonly what: 'resources'; readonly chosen: Chosen; readonly trim?: Trim | undefined }
  | {
      readonly what: 'relations';
      /** Both ends must be among these. */
      readonly chosen: Chosen;
      /** At least one end must be among these, as bits; undefined for any. */
      readonly core?: Uint8Array | undefined;
      /** Like `relation` of the routes. */
      readonly relation?: string | undefined;
      /** Whether to leave out the reasons. */
      readonly short: boolean;
    };

/** Concatenated elements with their separators; may be empty. */
export interface TextPart {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly count: number;
  /** Pointers that matched no resource of all portions; in the last one alone. */
  readonly unmatched?: readonly UnmatchedField[];
}

/** An existing object with what selectors need. */
export interface ObjectRow extends ObjectPlace {
  readonly o: number;
  /** See `extra.ts`. */
  readonly extra: string;
  /** RFC 3339. */
  readonly timestamp: string;
}

/** Existing relations. */
export interface EdgePart {
  /** Flat: numbers of source, target and the type's word, and milliseconds. */
  readonly edges: readonly number[];
  /** Words that were not sent in earlier portions. */
  readonly words: readonly (readonly [number: number, text: string])[];
}

/** Bytes per portion, and maximum objects examined per portion. */
const portion = 256 << 10;
const mostObjects = 4000;
/** Up to this many objects are read one by one; more are read in one scan. */
const few = 2000;
const lineFeed = 10;

export function textsOf(reader: SegmentReader, revision: number, asked: TextQuestion): Generator<TextPart> {
  return asked.what === 'resources' ? resources(reader, revision, asked) : relations(reader, revision, asked);
}

/** Returns a test whether an object is chosen. Types and namespaces that never occurred match no object. */
export function chooser(reader: SegmentReader, { types, namespaces, objects }: Chosen): (o: number) => boolean {
  const set = objects && new NumberSet(objects);
  const type = types === undefined ? undefined : byWord(reader, parseWildcards(types, 'type'));
  const space = namespaces === undefined ? undefined : byWord(reader, parseWildcards(namespaces, 'namespace'));
  return (o) => (!set || set.has(o)) && (!type || type(reader.typeOf(o))) && (!space || space(reader.namespaceOf(o)));
}

/** Whether checking each object for changes is cheaper than reading which objects changed. */
function areFew(reader: SegmentReader, isChosen: (o: number) => boolean): boolean {
  let count = 0;
  for (let o = 0; o < reader.size && count <= few; o++) if (isChosen(o)) count++;
  return count <= few;
}

/** A test on words that is evaluated once per word. */
function byWord(reader: SegmentReader, test: (text: string) => boolean): (word: number) => boolean {
  const known: boolean[] = [];
  return (word) => (known[word] ??= test(reader.word(word)));
}

/** In portions. */
export function* rowsOf(reader: SegmentReader, revision: number, chosen: Chosen): Generator<readonly ObjectRow[]> {
  const isChosen = chooser(reader, chosen);
  const changed = areFew(reader, isChosen) ? undefined : reader.changedObjects();
  let rows: ObjectRow[] = [];
  let looked = 0;
  for (const o of inOrder(reader, isChosen)) {
    const bytes = reader.bytesAt(o, revision, changed);
    if (bytes) rows.push(rowIn(reader, o, bytes));
    if (++looked % 512 > 0) continue;
    yield rows;
    rows = [];
  }
  yield rows;
}

export function rowIn(reader: SegmentReader, o: number, bytes: Buffer): ObjectRow {
  const end = bytes.lastIndexOf(lineFeed);
  const timestamp = stampOf(bytes.toString('utf8', 0, end));
  return { o, ...reader.place(o), extra: bytes.toString('utf8', end + 1), timestamp };
}

/** All relations, in portions and unordered. */
export function* edgesIn(reader: SegmentReader, revision: number, relation: string | undefined): Generator<EdgePart> {
  const changed = reader.changedSources();
  const isKept = keeperOf(reader, relation);
  const told = new Set<number>();
  let part = { edges: [] as number[], words: [] as (readonly [number, string])[] };
  for (let s = 0; s < reader.size; s++) {
    for (const [k, t, , at] of reader.outOf(s, revision, changed)) {
      if (!isKept(k)) continue;
      if (!told.has(k)) part.words.push([k, reader.word(k)]);
      told.add(k);
      part.edges.push(s, t, k, at);
    }
    if (s % 512 < 511) continue;
    yield part;
    part = { edges: [], words: [] };
  }
  yield part;
}

/** The chosen objects and their direct neighbours, in portions and unordered. */
export function* around(
  reader: SegmentReader,
  revision: number,
  { core, relation }: { readonly core: Uint8Array; readonly relation: string | undefined },
): Generator<readonly number[]> {
  const inside = new NumberSet(core);
  const changed = reader.changedSources();
  const isKept = keeperOf(reader, relation);
  let found: number[] = [];
  for (let s = 0; s < reader.size; s++) {
    for (const [k, t] of reader.outOf(s, revision, changed))
      if (isKept(k) && (inside.has(s) || inside.has(t))) found.push(s, t);
    if (s % mostObjects < mostObjects - 1) continue;
    yield found;
    found = [];
  }
  yield found;
}

function keeperOf(reader: SegmentReader, relation: string | undefined): (word: number) => boolean {
  return relation === undefined ? () => true : byWord(reader, parseWildcards(relation, 'relation'));
}

function* resources(
  reader: SegmentReader,
  revision: number,
  { chosen, trim }: Extract<TextQuestion, { readonly what: 'resources' }>,
): Generator<TextPart> {
  const isChosen = chooser(reader, chosen);
  const changed = areFew(reader, isChosen) ? undefined : reader.changedObjects();
  const portions = new Portions();
  const matches = trim?.pointers && new FieldMatches(trim.pointers);
  const noted = trim && { ...trim, matches };
  for (const o of inOrder(reader, isChosen)) {
    const bytes = reader.bytesAt(o, revision, changed);
    if (bytes) {
      writeResource(bytes, noted, portions);
      portions.end();
    }
    if (portions.isDue()) yield portions.take();
  }
  const unmatched = matches?.unmatched() ?? [];
  yield { ...portions.take(), ...(unmatched.length > 0 && { unmatched }) };
}

function writeResource(bytes: Buffer, trim: Trim | undefined, into: Portions): void {
  const end = bytes.lastIndexOf(lineFeed);
  if (!trim) {
    into.write(bytes.subarray(0, end));
    return into.write(separator);
  }
  const buffer = Buffer.concat([bytes.subarray(0, end), Buffer.from(separator)]);
  const { properties } = JSON.parse(bytes.toString('utf8', end + 1)) as { properties: readonly [number, number] };
  const slab = { buffer, number: 0, used: buffer.length, live: buffer.length };
  const [from, to] = properties;
  const version = { slab, offset: 0, length: buffer.length, timestamp: '', from, to, generation: 0 };
  for (const piece of trimmed([{ version }], trim))
    into.write(piece.slab.buffer.subarray(piece.offset, piece.offset + piece.length));
}

function* relations(
  reader: SegmentReader,
  revision: number,
  { chosen, core, relation, short }: Extract<TextQuestion, { readonly what: 'relations' }>,
): Generator<TextPart> {
  const isChosen = chooser(reader, chosen);
  const changed = areFew(reader, isChosen) ? undefined : reader.changedSources();
  const inside = core && new NumberSet(core);
  const isKept = keeperOf(reader, relation);
  const portions = new Portions();
  for (const s of inOrder(reader, isChosen)) {
    const source = reader.idOf(s);
    const all = reader.outOf(s, revision, changed);
    for (const out of changed?.has(s) === false ? all : sortedOut(reader, all)) {
      const [k, t] = out;
      if (!isKept(k) || !isChosen(t) || (inside && !inside.has(s) && !inside.has(t))) continue;
      portions.write(short ? shortText(endsOf(reader, source, out)) : textOf(reader, source, out) + separator);
      portions.end();
    }
    if (portions.isDue()) yield portions.take();
  }
  yield portions.take();
}

/** By type, then by target. Those of the keyframe have this order already. */
export function sortedOut(reader: SegmentReader, out: readonly Out[]): readonly Out[] {
  return out.toSorted(
    (a, b) =>
      (a[0] === b[0] ? 0 : textOrder(reader.word(a[0]), reader.word(b[0]))) ||
      textOrder(reader.idOf(a[1]), reader.idOf(b[1])),
  );
}

/** As `/cluster` served it, without the separator. */
export function textOf(reader: SegmentReader, source: string, [k, t, tail, at]: Out): string {
  return putTogether(reader.word(k), source, reader.idOf(t), { at, tail: reader.word(tail) });
}

function endsOf(reader: SegmentReader, source: string, [k, t]: Out) {
  return { type: reader.word(k), source, target: reader.idOf(t) };
}

/** Collects texts. The portions taken belong to the caller. */
export class Portions {
  #memory = Buffer.allocUnsafeSlow(portion * 2);
  #length = 0;
  #count = 0;
  #asked = 0;

  write(text: Text): void {
    const most = this.#length + mostBytesOf(text);
    if (most > this.#memory.length) this.#grow(most);
    this.#length += writeText(text, this.#memory, this.#length);
  }

  /** Ends an element. */
  end(): void {
    this.#count++;
  }

  /** Call for each object. */
  isDue(): boolean {
    return this.#length >= portion || ++this.#asked >= mostObjects;
  }

  take(): TextPart {
    const bytes = this.#memory.subarray(0, this.#length) as Uint8Array<ArrayBuffer>;
    const taken = { bytes, count: this.#count };
    this.#memory = Buffer.allocUnsafeSlow(portion * 2);
    this.#length = 0;
    this.#count = 0;
    this.#asked = 0;
    return taken;
  }

  #grow(least: number): void {
    const memory = Buffer.allocUnsafeSlow(least * 2);
    this.#memory.copy(memory, 0, 0, this.#length);
    this.#memory = memory;
  }
}
