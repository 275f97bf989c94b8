// Groups of a moment whose graph is too large to be put together: counted while its resources and relations are read, so that
// a group for each number of a resource is all that is kept, and an outline of each where a group rests on others.
import { getOrMake } from '../../src/get-or-make.ts';
import { every, type Steps } from '../../src/steps.ts';
import { type Group, GroupTable } from '../graph/questions/group-table.ts';
import { type Outline, outlinesOf } from '../history/outlines.ts';
import type { Member, PastTexts, TextsAsked } from '../history/past-texts.ts';
import type { EdgePart } from '../history/segment-texts.ts';
import { type Grouping, keyingOf, type Own, ownKeysOf } from '../topology/groupings.ts';
import { asItIs } from '../topology/neighbours.ts';
import { type Zones, zonesOf } from '../topology/zone-of.ts';

export interface PastGroupsAsked extends Omit<TextsAsked, 'neighbours'> {
  readonly by: Grouping;
  /** Does steps in turns with everything else. */
  readonly run: <T>(steps: Steps<T>) => Promise<T>;
}

export async function pastGroups(texts: PastTexts, asked: PastGroupsAsked): Promise<GroupTable> {
  const { by, relation, run } = asked;
  const table = new GroupTable(by);
  const counting: Counting = { table, groups: [] };
  const own = ownKeysOf(by);
  if (own) for await (const members of texts.members(asked)) await run(counted(members, own, counting));
  else await run(countedOutlines(await outlinesOf(texts, { ...asked, labels: restsOnLabels(by) }), by, counting));
  const words = new Map<number, string>();
  for await (const part of texts.edges(relation)) await run(between(part, words, counting));
  return table;
}

interface Counting {
  readonly table: GroupTable;
  /** By number of the resource. */
  readonly groups: (readonly Group[] | undefined)[];
}

function* counted(
  members: readonly Member[],
  keysOf: (one: Own) => readonly string[],
  { table, groups }: Counting,
): Steps<void> {
  const pause = every(256);
  const alone = new Map<Group, readonly Group[]>();
  for (const member of members) {
    const { o, type, health, standing, timestamp } = member;
    const group = table.named(keysOf(member)[0] ?? '');
    groups[o] = getOrMake(alone, group, () => [group]);
    table.count(group, { type, health: health?.state, isMissing: standing === 'missing' }, 1, timestamp);
    if (pause()) yield;
  }
}

/** For groupings that depend on other resources: the Pod of a container, the images of a Pod, the zone of a Node. */
function* countedOutlines(outlines: readonly Outline[], by: Grouping, { table, groups }: Counting): Steps<void> {
  const keying = keyingOf(by);
  const keysOf = keying.keys({ undoLog: asItIs, zones: () => zonesAmong(outlines) });
  const pause = every(256);
  for (const { o, vertex, timestamp, isMissing, isMeant } of outlines) {
    if (pause()) yield;
    if (!isMeant) continue;
    const keys = keysOf(vertex);
    const of = (keys.length > 0 ? keys : ['']).map((key) => table.named(key));
    groups[o] = of;
    const label = keying.label?.(vertex);
    for (const group of of) {
      table.count(group, { type: vertex.type, health: vertex.health?.state, isMissing }, 1, timestamp);
      if (label !== undefined) table.label(group, label);
    }
  }
}

function restsOnLabels(by: Grouping): boolean {
  return by !== 'node' && by !== 'image';
}

function zonesAmong(outlines: readonly Outline[]): Zones {
  return zonesOf(outlines.filter(({ vertex: { type } }) => type === 'Node').map(({ vertex }) => vertex));
}

function* between(
  { edges, words: more }: EdgePart,
  words: Map<number, string>,
  { table, groups }: Counting,
): Steps<void> {
  for (const [number, text] of more) words.set(number, text);
  const pause = every(256);
  for (let i = 0; i < edges.length; i += 4) {
    const [sources, targets] = [groups[edges[i] ?? -1], groups[edges[i + 1] ?? -1]];
    if (pause()) yield;
    if (!sources || !targets) continue;
    const timestamp = new Date(edges[i + 3] ?? 0).toISOString();
    const type = words.get(edges[i + 2] ?? -1) ?? '';
    for (const source of sources)
      for (const target of targets) table.countRelation(table.pair(source, target, timestamp), type, 1, timestamp);
  }
}
