// Which objects of a segment a question chooses. A few are found without a look at all the others.
import { parseWildcards } from '../graph/questions/wildcard.ts';
import type { NumberGroups } from './number-groups.ts';
import { NumberSet } from './number-set.ts';
import type { SegmentReader } from './segment-reader.ts';

/** Which objects; all by default. */
export interface Chosen {
  /** Like `type` and `namespace` of the routes, with full type names. */
  readonly types?: string | undefined;
  readonly namespaces?: string | undefined;
  /** Object numbers as bits. */
  readonly objects?: Uint8Array | undefined;
}

export interface Choice {
  has(o: number): boolean;
  /** All of them, unless they are many. */
  readonly few: readonly number[] | undefined;
}

/** Up to this many objects are read one by one; more are read in one scan. */
export const few = 2000;

type Test = (o: number) => boolean;

/** Types and namespaces that never occurred choose no object. */
export function choiceOf(reader: SegmentReader, { types, namespaces, objects }: Chosen): Choice {
  const type = byWord(reader, types, 'type');
  const space = byWord(reader, namespaces, 'namespace');
  const set = objects && new NumberSet(objects);
  const has: Test = (o) =>
    (!set || set.has(o)) && (!type || type(reader.typeOf(o))) && (!space || space(reader.namespaceOf(o)));
  const lists = [
    set && [[...set.numbers()].filter((o) => o < reader.size)],
    type && listsOf(reader.groupedBy('type'), type),
    space && listsOf(reader.groupedBy('namespace'), space),
  ].filter((each) => each !== undefined);
  const [shortest] = lists.sort((a, b) => sizeOf(a) - sizeOf(b));
  return { has, few: shortest ? fewOf(shortest, has) : reader.size <= few ? allOf(reader) : undefined };
}

type Lists = readonly (readonly number[] | Uint32Array)[];

function listsOf(groups: NumberGroups, isChosen: (word: number) => boolean): Lists {
  const lists: Uint32Array[] = [];
  for (let word = 0; word < groups.keys; word++) {
    const list = groups.of(word);
    if (list.length > 0 && isChosen(word)) lists.push(list);
  }
  return lists;
}

function sizeOf(lists: Lists): number {
  return lists.reduce((sum, { length }) => sum + length, 0);
}

function fewOf(lists: Lists, has: Test): readonly number[] | undefined {
  const found: number[] = [];
  for (const list of lists)
    for (const o of list) {
      if (!has(o)) continue;
      if (found.push(o) > few) return undefined;
    }
  return found;
}

function allOf({ size }: SegmentReader): readonly number[] {
  return Array.from({ length: size }, (_, o) => o);
}

/** A test on words that is evaluated once per word; undefined if none is asked for. */
export function byWord(
  reader: SegmentReader,
  asked: string | undefined,
  parameter: 'type' | 'namespace' | 'relation',
): ((word: number) => boolean) | undefined {
  if (asked === undefined) return undefined;
  const test = parseWildcards(asked, parameter);
  const known: boolean[] = [];
  return (word) => (known[word] ??= test(reader.word(word)));
}
