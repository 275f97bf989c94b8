// The difference of two moments, read from their segments and returned in portions: list by list, each in order of ids. For a
// difference of any size, only the ids and the kind of each change are in memory, but no texts.
import { textOrder } from '../../src/text-order.ts';
import { separator } from '../graph/engine/json.ts';
import { parseWildcards } from '../graph/questions/wildcard.ts';
import { isSame } from './difference.ts';
import { pathsBetween } from './pointers.ts';
import type { Changed } from './segment-changed.ts';
import type { Observed, Touched } from './segment-changes.ts';
import type { ObjectPlace } from './segment-objects.ts';
import type { SegmentReader } from './segment-reader.ts';
import { Portions, sortedOut, type TextPart, textOf } from './segment-texts.ts';
import type { Out } from './segment-versions.ts';
import { withoutStamp } from './stamp.ts';

/** In output order. */
export const differenceLists = [
  'resources added',
  'resources changed',
  'resources removed',
  'relations added',
  'relations changed',
  'relations removed',
  'changes',
] as const;
export type DifferenceList = (typeof differenceLists)[number];

/** The text after each element of a list. */
export function separatorOf(list: DifferenceList): string {
  return list.endsWith('added') || list.endsWith('changed') ? separator : ',';
}

export interface DifferencePart extends TextPart {
  readonly list: DifferenceList;
}

export interface DifferenceQuestion {
  /** Like the parameters of the routes, with full type names. */
  readonly types?: string | undefined;
  readonly namespaces?: string | undefined;
  readonly relation?: string | undefined;
  /** False: resources with id and type only. */
  readonly texts: boolean;
  /** Whether resources with other timestamps only count as different. */
  readonly exact: boolean;
}

/** One of the two moments. */
export interface Side {
  readonly reader: SegmentReader;
  readonly revision: number;
  readonly changed: Changed;
}

export function sideOf(reader: SegmentReader, revision: number): Side {
  return { reader, revision, changed: reader.changed() };
}

/** An object that may differ, and how its last change was observed. */
type Seen = readonly [id: string, observed: Observed];

/** Objects examined per portion, even if none of them differ. */
const often = 2000;
const lineFeed = 10;

export function* differenceIn(
  touched: Iterable<Touched>,
  sides: readonly [before: Side, after: Side],
  asked: DifferenceQuestion,
): Generator<DifferencePart> {
  const all = yield* inOrder(touched);
  const comparison = new Comparison(sides, asked);
  const ways = new Uint8Array(all.length);
  for (const [i, [id]] of all.entries()) {
    ways[i] = comparison.ways(id);
    if (i % often === often - 1) yield nothing();
  }
  for (const [place, list] of differenceLists.entries()) yield* told(all, { ways, place, list }, comparison);
}

const nothing = (): DifferencePart => ({ list: 'resources added', bytes: new Uint8Array(0), count: 0 });

/** Each object once. Remembers if it was found by a list or after a restart. */
function* inOrder(touched: Iterable<Touched>): Generator<DifferencePart, readonly Seen[]> {
  const found = new Map<string, Observed>();
  let looked = 0;
  for (const { id, observed } of touched) {
    if (observed.observed !== 'watch' || !found.has(id)) found.set(id, observed);
    if (++looked % (often * 10) === 0) yield nothing();
  }
  return [...found].sort(([a], [b]) => textOrder(a, b));
}

interface Telling {
  readonly ways: Uint8Array;
  readonly place: number;
  readonly list: DifferenceList;
}

function* told(
  all: readonly Seen[],
  { ways, place, list }: Telling,
  comparison: Comparison,
): Generator<DifferencePart> {
  const portions = new Portions();
  const behind = separatorOf(list);
  for (const [i, [id, observed]] of all.entries()) {
    if ((((ways[i] ?? 0) >> place) & 1) === 0) continue;
    for (const text of comparison.texts(list, id, observed)) {
      portions.write(text);
      portions.write(behind);
      portions.end();
    }
    if (portions.isDue()) yield { list, ...portions.take() };
  }
  yield { list, ...portions.take() };
}

interface Relation {
  readonly type: string;
  readonly target: ObjectPlace;
  readonly text: string;
}

interface State {
  readonly place: ObjectPlace;
  readonly text: string;
}

class Comparison {
  readonly #before: Side;
  readonly #after: Side;
  readonly #asked: DifferenceQuestion;
  readonly #keepsResource: (place: Pick<ObjectPlace, 'type' | 'namespace'>) => boolean;
  readonly #keepsRelation: (type: string) => boolean;

  constructor([before, after]: readonly [Side, Side], asked: DifferenceQuestion) {
    this.#before = before;
    this.#after = after;
    this.#asked = asked;
    const { types, namespaces, relation } = asked;
    const type = types === undefined ? () => true : parseWildcards(types, 'type');
    const space = namespaces === undefined ? () => true : parseWildcards(namespaces, 'namespace');
    this.#keepsResource = (place) => type(place.type) && space(place.namespace);
    this.#keepsRelation = relation === undefined ? () => true : parseWildcards(relation, 'relation');
  }

  /** A bit for each list that contains the object. */
  ways(id: string): number {
    const [was, is] = [stateOf(this.#before, id), stateOf(this.#after, id)];
    const place = (is ?? was)?.place;
    if (!place || !this.#keepsResource(place)) return 0;
    const list = wayOf(was?.text, is?.text, this.#asked.exact);
    const lists: DifferenceList[] = list === undefined ? [] : [list, 'changes'];
    const { added, changed, removed } = this.#relations(id);
    if (added.length > 0) lists.push('relations added');
    if (changed.length > 0) lists.push('relations changed');
    if (removed.length > 0) lists.push('relations removed');
    return lists.reduce((ways, each) => ways | (1 << differenceLists.indexOf(each)), 0);
  }

  texts(list: DifferenceList, id: string, observed: Observed): readonly string[] {
    switch (list) {
      case 'resources added':
      case 'resources changed':
        return this.#shown(id);
      case 'resources removed':
        return [JSON.stringify(id)];
      case 'changes':
        return [`${JSON.stringify(id)}:${JSON.stringify({ ...observed, ...this.#paths(id) })}`];
      case 'relations added':
        return this.#relations(id).added.map(({ text }) => text);
      case 'relations changed':
        return this.#relations(id).changed.map(({ text }) => text);
      case 'relations removed':
        return this.#relations(id).removed.map(({ type, target }) =>
          JSON.stringify({ type, source: id, target: target.id }),
        );
    }
  }

  #shown(id: string): readonly string[] {
    const is = stateOf(this.#after, id);
    if (!is) return [];
    return [this.#asked.texts ? is.text : JSON.stringify({ id, type: is.place.type })];
  }

  #paths(id: string): object {
    const [was, is] = [stateOf(this.#before, id), stateOf(this.#after, id)];
    return was && is ? pathsBetween(JSON.parse(withoutStamp(was.text)), JSON.parse(withoutStamp(is.text))) : {};
  }

  #relations(id: string): RelationLists {
    const isKept = ({ type, target }: Relation) => this.#keepsRelation(type) && this.#keepsResource(target);
    const before = relationsOf(this.#before, id).filter(isKept);
    const after = relationsOf(this.#after, id).filter(isKept);
    const was = new Map(before.map((each) => [keyOf(each), each.text]));
    const is = new Set(after.map(keyOf));
    return {
      added: after.filter((each) => !was.has(keyOf(each))),
      changed: after.filter((each) => {
        const text = was.get(keyOf(each));
        return text !== undefined && !isSame(text, each.text, this.#asked.exact);
      }),
      removed: before.filter((each) => !is.has(keyOf(each))),
    };
  }
}

interface RelationLists {
  readonly added: readonly Relation[];
  readonly changed: readonly Relation[];
  readonly removed: readonly Relation[];
}

function keyOf({ type, target }: Relation): string {
  return `${type} ${target.id}`;
}

function wayOf(was: string | undefined, is: string | undefined, exact: boolean): DifferenceList | undefined {
  if (was === undefined) return is === undefined ? undefined : 'resources added';
  if (is === undefined) return 'resources removed';
  return isSame(was, is, exact) ? undefined : 'resources changed';
}

function stateOf({ reader, revision, changed }: Side, id: string): State | undefined {
  const o = reader.numberOf(id);
  const bytes = o === undefined ? undefined : reader.bytesAt(o, revision, changed);
  if (o === undefined || !bytes) return undefined;
  return { place: reader.place(o), text: bytes.toString('utf8', 0, bytes.lastIndexOf(lineFeed)) };
}

/** By type, then by target. */
function relationsOf({ reader, revision, changed }: Side, id: string): readonly Relation[] {
  const o = reader.numberOf(id);
  if (o === undefined) return [];
  return sortedOut(reader, reader.outOf(o, revision, changed)).map((out: Out) => ({
    type: reader.word(out[0]),
    target: reader.place(out[1]),
    text: textOf(reader, id, out),
  }));
}
