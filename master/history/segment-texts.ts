// The texts of a segment at a revision, as `/cluster` served them and in its order, in portions: however large the cluster, only
// one portion is in memory.
import { textOrder } from '../../src/text-order.ts';
import { separator } from '../graph/engine/json.ts';
import { bytesOf, mostBytesOf, pieceOf, type Text, writeText } from '../graph/model/bytes.ts';
import { FieldMatches, type UnmatchedField } from '../graph/questions/field-matches.ts';
import type { Trim } from '../graph/questions/query.ts';
import { shortText } from '../graph/questions/short-relations.ts';
import { trimmed } from '../graph/questions/trim.ts';
import { NumberSet } from './number-set.ts';
import { byWord, type Choice, type Chosen, choiceOf } from './object-choice.ts';
import { inBlocks, inOrder } from './object-order.ts';
import { putTogether } from './relation-text.ts';
import type { Changed } from './segment-changed.ts';
import type { ObjectPlace } from './segment-objects.ts';
import type { SegmentReader } from './segment-reader.ts';
import type { Out } from './segment-versions.ts';
import { stampOf } from './stamp.ts';

/** Which resources to return. */
interface ResourcesChosen {
  readonly what: 'resources';
  readonly chosen: Chosen;
}

/** Which relations to return. */
interface RelationsChosen {
  readonly what: 'relations';
  /** Both ends must be among these. */
  readonly chosen: Chosen;
  /** At least one end must be among these, as bits; undefined for any. */
  readonly core?: Uint8Array | undefined;
  /** As `relation` of the routes. */
  readonly relation?: string | undefined;
}

export type CountQuestion = ResourcesChosen | RelationsChosen;

/** What to return of the chosen objects. */
export type TextQuestion =
  | (ResourcesChosen & { readonly trim?: Trim | undefined; readonly page?: TextPage | undefined })
  | (RelationsChosen & {
      /** Without their reasons. */
      readonly short: boolean;
      readonly page?: TextPage | undefined;
    });

/** A page of an answer. */
export interface TextPage {
  readonly after?: TextPlace | undefined;
  /** Maximum number of elements. */
  readonly limit: number;
}

/** The last element of a page: a resource, or a relation of it and how many of its relations were returned. */
export interface TextPlace {
  readonly o: number;
  readonly told: number;
}

/** Concatenated elements with their separators; may be empty. */
export interface TextPart {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly count: number;
  /** Place of the last element. */
  readonly place?: TextPlace | undefined;
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
const lineFeed = 10;

export function textsOf(reader: SegmentReader, revision: number, asked: TextQuestion): Generator<TextPart> {
  return asked.what === 'resources' ? resources(reader, revision, asked) : relations(reader, revision, asked);
}

/** Of the chosen objects. */
function changedFor(reader: SegmentReader, choice: Choice): Changed {
  return choice.few ? reader.changedAmong(choice.few) : reader.changed();
}

/** In portions. */
export function* rowsOf(reader: SegmentReader, revision: number, chosen: Chosen): Generator<readonly ObjectRow[]> {
  const choice = choiceOf(reader, chosen);
  const changed = changedFor(reader, choice);
  let rows: ObjectRow[] = [];
  let looked = 0;
  for (const o of inOrder(reader, choice)) {
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
  const changed = reader.changed();
  const isKept = keeperOf(reader, relation);
  const told = new Set<number>();
  let part = { edges: [] as number[], words: [] as (readonly [number, string])[] };
  for (const [i, s] of inBlocks(reader).entries()) {
    for (const [k, t, , at] of reader.outOf(s, revision, changed)) {
      if (!isKept(k)) continue;
      if (!told.has(k)) part.words.push([k, reader.word(k)]);
      told.add(k);
      part.edges.push(s, t, k, at);
    }
    if (i % 512 < 511) continue;
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
  const changed = reader.changed();
  const isKept = keeperOf(reader, relation);
  let found: number[] = [];
  for (const [i, s] of inBlocks(reader).entries()) {
    for (const [k, t] of reader.outOf(s, revision, changed))
      if (isKept(k) && (inside.has(s) || inside.has(t))) found.push(s, t);
    if (i % mostObjects < mostObjects - 1) continue;
    yield found;
    found = [];
  }
  yield found;
}

function keeperOf(reader: SegmentReader, relation: string | undefined): (word: number) => boolean {
  return byWord(reader, relation, 'relation') ?? (() => true);
}

function* resources(
  reader: SegmentReader,
  revision: number,
  { chosen, trim, page }: Extract<TextQuestion, { readonly what: 'resources' }>,
): Generator<TextPart> {
  const choice = choiceOf(reader, chosen);
  const changed = changedFor(reader, choice);
  const portions = new Portions();
  const matches = trim?.pointers && new FieldMatches(trim.pointers);
  const noted = trim && { ...trim, matches };
  const after = page?.after?.o;
  for (const o of inOrder(reader, choice, after)) {
    if (portions.told === page?.limit) break;
    const bytes = o === after ? undefined : reader.bytesAt(o, revision, changed);
    if (bytes) {
      writeResource(bytes, noted, portions);
      portions.end({ o, told: 0 });
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
  const [from, to] = properties;
  const version = { ...pieceOf(buffer), timestamp: '', from, to, generation: 0 };
  for (const piece of trimmed([{ version }], trim)) into.write(bytesOf(piece));
}

function* relations(
  reader: SegmentReader,
  revision: number,
  asked: Extract<TextQuestion, { readonly what: 'relations' }>,
): Generator<TextPart> {
  const { short, page } = asked;
  const { choice, changed, outOf } = relationsKept(reader, revision, asked);
  const portions = new Portions();
  for (const s of inOrder(reader, choice, page?.after?.o)) {
    if (portions.told === page?.limit) break;
    const source = reader.idOf(s);
    const kept = outOf(s);
    const sorted = !changed.sources.has(s) ? kept : sortedOut(reader, kept);
    const from = page?.after?.o === s ? page.after.told : 0;
    for (const [i, out] of sorted.slice(from, from + (page?.limit ?? Infinity) - portions.told).entries()) {
      portions.write(short ? shortText(endsOf(reader, source, out)) : textOf(reader, source, out) + separator);
      portions.end({ o: s, told: from + i + 1 });
    }
    if (portions.isDue()) yield portions.take();
  }
  yield portions.take();
}

function relationsKept(reader: SegmentReader, revision: number, { chosen, core, relation }: RelationsChosen) {
  const choice = choiceOf(reader, chosen);
  const changed = changedFor(reader, choice);
  const inside = core && new NumberSet(core);
  const isKept = keeperOf(reader, relation);
  const outOf = (s: number) =>
    reader
      .outOf(s, revision, changed)
      .filter(([k, t]) => isKept(k) && choice.has(t) && (!inside || inside.has(s) || inside.has(t)));
  return { choice, changed, outOf };
}

/** The number of elements, in portions. */
export function* countsIn(reader: SegmentReader, revision: number, asked: CountQuestion): Generator<number> {
  const { choice, count } =
    asked.what === 'resources' ? resourceCounter(reader, revision, asked) : relationCounter(reader, revision, asked);
  let sum = 0;
  for (const [i, o] of inBlocks(reader, choice.few).entries()) {
    if (choice.has(o)) sum += count(o);
    if (i % mostObjects < mostObjects - 1) continue;
    yield sum;
    sum = 0;
  }
  yield sum;
}

interface Counter {
  readonly choice: Choice;
  /** Of a chosen object. */
  count(o: number): number;
}

function resourceCounter(reader: SegmentReader, revision: number, { chosen }: ResourcesChosen): Counter {
  const choice = choiceOf(reader, chosen);
  const changed = changedFor(reader, choice);
  return { choice, count: (o) => (reader.wasThere(o, revision, changed) ? 1 : 0) };
}

function relationCounter(reader: SegmentReader, revision: number, asked: RelationsChosen): Counter {
  const { choice, outOf } = relationsKept(reader, revision, asked);
  return { choice, count: (s) => outOf(s).length };
}

/** By type, then by target. Those of the keyframe are so already. */
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

/**
 * Collects texts. The portions taken belong to the caller, and have no room left: the graph's thread gets them, and V8 looks
 * through its whole heap for every 64 MiB of memory outside of it.
 */
export class Portions {
  #memory = Buffer.allocUnsafeSlow(portion * 2);
  #length = 0;
  #count = 0;
  #asked = 0;
  #taken = 0;
  #place: TextPlace | undefined;

  /** Number of elements so far. */
  get told(): number {
    return this.#taken + this.#count;
  }

  write(text: Text): void {
    const most = this.#length + mostBytesOf(text);
    if (most > this.#memory.length) this.#grow(most);
    this.#length += writeText(text, this.#memory, this.#length);
  }

  /** Ends an element. */
  end(place?: TextPlace): void {
    this.#count++;
    this.#place = place;
  }

  /** Call for each object. */
  isDue(): boolean {
    return this.#length >= portion || ++this.#asked >= mostObjects;
  }

  take(): TextPart {
    const bytes = new Uint8Array(this.#memory.buffer.slice(0, this.#length));
    const taken = { bytes, count: this.#count, place: this.#place };
    this.#taken += this.#count;
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
