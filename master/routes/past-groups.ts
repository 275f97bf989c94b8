// Groups of a moment whose graph is too large to be put together: counted while its resources and relations are read, so that
// a group for each number of a resource is all that is kept.
import { every, type Steps } from '../../src/steps.ts';
import { type Group, GroupTable } from '../graph/questions/group-table.ts';
import type { Member, PastTexts, TextsAsked } from '../history/past-texts.ts';
import type { EdgePart } from '../history/segment-texts.ts';
import { type Grouping, type Own, ownKeysOf } from '../topology/groupings.ts';

export interface PastGroupsAsked extends Omit<TextsAsked, 'neighbours'> {
  /** One that rests on no relation. */
  readonly by: Grouping;
  /** Whether what is between groups is counted. */
  readonly relations: boolean;
  /** Does steps in turns with everything else. */
  readonly run: <T>(steps: Steps<T>) => Promise<T>;
}

type KeysOf = (one: Own) => readonly string[];

export async function pastGroups(texts: PastTexts, asked: PastGroupsAsked): Promise<GroupTable> {
  const { by, relations, relation, run } = asked;
  const table = new GroupTable(by);
  const keysOf: KeysOf = ownKeysOf(by) ?? (() => []);
  const groups: (Group | undefined)[] = [];
  for await (const members of texts.members(asked)) await run(counted(members, keysOf, { table, groups }));
  if (!relations) return table;
  const words = new Map<number, string>();
  for await (const part of texts.edges(relation)) await run(between(part, words, { table, groups }));
  return table;
}

interface Counting {
  readonly table: GroupTable;
  /** By number of the resource. */
  readonly groups: (Group | undefined)[];
}

function* counted(members: readonly Member[], keysOf: KeysOf, { table, groups }: Counting): Steps<void> {
  const pause = every(256);
  for (const member of members) {
    const { o, type, health, standing, timestamp } = member;
    const group = table.named(keysOf(member)[0] ?? '');
    groups[o] = group;
    table.count(group, { type, health: health?.state, isMissing: standing === 'missing' }, 1, timestamp);
    if (pause()) yield;
  }
}

function* between(
  { edges, words: more }: EdgePart,
  words: Map<number, string>,
  { table, groups }: Counting,
): Steps<void> {
  for (const [number, text] of more) words.set(number, text);
  const pause = every(256);
  for (let i = 0; i < edges.length; i += 4) {
    const [source, target] = [groups[edges[i] ?? -1], groups[edges[i + 1] ?? -1]];
    if (pause()) yield;
    if (!source || !target) continue;
    const timestamp = new Date(edges[i + 3] ?? 0).toISOString();
    table.countRelation(table.pair(source, target, timestamp), words.get(edges[i + 2] ?? -1) ?? '', 1, timestamp);
  }
}
