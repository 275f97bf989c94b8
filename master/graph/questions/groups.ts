// The graph rolled up, for views of clusters that are too large to look at: one resource a group with what is in it, one
// relation a pair of groups with what is between them. What runs in a Pod goes with the Pod.

import { resourceId } from '../../../src/ids.ts';
import type { Steps } from '../../../src/steps.ts';
import { sortedInSteps } from '../../../src/steps.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { GraphReader } from '../engine/engine.ts';
import { separator } from '../engine/json.ts';
import type { Entry } from '../engine/order.ts';
import type { Edge, Vertex } from '../model/vertex.ts';
import { createVertexMap, type VertexMap } from '../model/vertex-map.ts';
import type { ReadView } from '../revisions/read-view.ts';
import { each, edgesOf, withReadView } from '../revisions/read-view.ts';
import type { Query } from './query.ts';
import { selected } from './select.ts';
import type { Selection } from './selection.ts';

/** A resource may be in several groups, as a Pod of two images is. */
type KeysOf = (vertex: Vertex) => readonly string[];

/** What makes groups of resources. */
export interface Keying {
  /** The keys of a vertex, given as it was. */
  keys(view: ReadView): KeysOf;
  /** What the groups that the vertex is in are called, where it says so; else they are called by their key. */
  label?(vertex: Vertex): string | undefined;
}

export const groupType = 'ResourceGroup';

/** How many of one type, and when the last of them changed. */
interface Tally {
  count: number;
  timestamp: string;
}

type Tallies = Map<string, Tally>;

interface Group {
  readonly key: string;
  readonly resources: Tallies;
  /** Relations to others and to itself. */
  readonly to: Map<Group, Tallies>;
  missing: number;
  label: string;
}

export interface Groups {
  /** What was rolled up. */
  readonly selection: Selection;
  /** Texts with their separators, in order. */
  readonly resources: readonly string[];
  readonly relations: readonly string[];
  readonly ids: readonly string[];
  readonly ends: readonly { readonly source: string; readonly target: string }[];
}

/** Resources or relations looked at between two places to be interrupted at. */
const often = 256;

/** `by` is what the keying is called. @throws Fault `unknown_id` for a root that is not there. */
export function groupsOf(graph: GraphReader, query: Query, by: string, keying: Keying): Steps<Groups> {
  return withReadView(graph, function* (view) {
    const selection = yield* selected(view, query);
    const groups = yield* rolledUp(view, selection, keying);
    return { selection, ...(yield* textsOf(groups, by)) };
  });
}

function* rolledUp(view: ReadView, selection: Selection, keying: Keying): Steps<Group[]> {
  const groups = new Map<string, Group>();
  const groupsOf = createVertexMap<readonly Group[]>();
  yield* each(view, selection.entries(), fill(view, groups, groupsOf, keying));
  const adding = createAdding();
  for (const { vertex, out } of selection.entries()) {
    const from = groupsOf.get(vertex) ?? [];
    yield* each(view, edgesOf({ out }, 'out'), (edge) => {
      if (selection.keeps(edge)) adding(edge, from, groupsOf.get(edge.target) ?? []);
    });
    if (view.pause()) yield;
  }
  return [...groups.values()];
}

/** Puts each resource into its groups. */
function fill(
  view: ReadView,
  groups: Map<string, Group>,
  groupsOf: VertexMap<readonly Group[]>,
  keying: Keying,
): (entry: Entry) => void {
  const keysOf = keying.keys(view);

  function groupNamed(key: string): Group {
    let group = groups.get(key);
    if (!group) groups.set(key, (group = newGroup(key)));
    return group;
  }

  const alone = new Map<string, readonly Group[]>();

  /** One list for all that are in one group alone. */
  function groupsNamed(keys: readonly string[]): readonly Group[] {
    if (keys.length > 1) return keys.map(groupNamed);
    const key = keys[0] ?? '';
    let list = alone.get(key);
    if (!list) alone.set(key, (list = [groupNamed(key)]));
    return list;
  }

  return ({ vertex, version }) => {
    const was = view.undoLog.of(vertex);
    const of = groupsNamed(keysOf(was));
    groupsOf.set(vertex, of);
    const isMissing = view.undoLog.standingOf(vertex) === 'missing';
    const label = keying.label?.(was);
    for (const group of of) {
      addResource(group, vertex.type, version.timestamp, isMissing);
      if (label !== undefined) group.label = label;
    }
  };
}

function newGroup(key: string): Group {
  return { key, resources: new Map(), to: new Map(), missing: 0, label: key || '(none)' };
}

function addResource(group: Group, type: string, timestamp: string, isMissing: boolean): void {
  count(tallyOf(group.resources, type), timestamp);
  if (isMissing) group.missing++;
}

/** Counts relations. Those of a resource come by type and target: often one is of the same type and groups as the one before. */
function createAdding() {
  let tallies: readonly Tally[] = [];
  let last: { readonly type: string; readonly from: readonly Group[]; readonly to: readonly Group[] } | undefined;
  return ({ type, timestamp }: Edge, from: readonly Group[], to: readonly Group[]) => {
    if (last?.from !== from || last.to !== to || last.type !== type) {
      last = { type, from, to };
      tallies = from.flatMap(({ to: pairs }) => to.map((target) => tallyOf(talliesOf(pairs, target), type)));
    }
    for (const tally of tallies) count(tally, timestamp);
  };
}

function talliesOf(pairs: Map<Group, Tallies>, target: Group): Tallies {
  let tallies = pairs.get(target);
  if (!tallies) pairs.set(target, (tallies = new Map()));
  return tallies;
}

function tallyOf(tallies: Tallies, type: string): Tally {
  let tally = tallies.get(type);
  if (!tally) tallies.set(type, (tally = { count: 0, timestamp: '' }));
  return tally;
}

function count(tally: Tally, timestamp: string): void {
  tally.count++;
  if (timestamp > tally.timestamp) tally.timestamp = timestamp;
}

// --- text ------------------------------------------------------------------------------------------------------------

function* textsOf(groups: readonly Group[], by: string): Steps<Omit<Groups, 'selection'>> {
  const idOf = ({ key }: Group) => resourceId(groupType, key);
  const byKey = (a: Group, b: Group) => textOrder(a.key, b.key);
  const texts = { ids: [] as string[], ends: [] as Groups['ends'][number][], resources: [] as string[] };
  const relations: string[] = [];
  for (const source of yield* sortedInSteps(groups, byKey)) {
    texts.ids.push(idOf(source));
    texts.resources.push(groupText(source, by, idOf(source)));
    for (const target of yield* sortedInSteps(source.to.keys(), byKey)) {
      if (target === source) continue;
      const ends = { source: idOf(source), target: idOf(target) };
      texts.ends.push(ends);
      relations.push(pairText(source.to.get(target) ?? new Map(), ends));
      if (relations.length % often === 0) yield;
    }
    if (texts.ids.length % often === 0) yield;
  }
  return { ...texts, relations };
}

function groupText(group: Group, by: string, id: string): string {
  const { key, resources, missing, label, to } = group;
  const { count, timestamp, types } = sumOf(resources);
  const relations = sumOf(to.get(group) ?? new Map()).count;
  const properties = { by, key, resources: count, relations, missing, types };
  const annotations = { label, alternateLabel: `${label} (${count})`, count };
  return JSON.stringify({ id, type: groupType, timestamp, properties, annotations }) + separator;
}

function pairText(tallies: Tallies, { source, target }: Groups['ends'][number]): string {
  const { count, timestamp, types } = sumOf(tallies);
  const annotations = { label: 'relates', rule: 'groups', field: '', count, types };
  return JSON.stringify({ type: 'relates', timestamp, source, target, annotations }) + separator;
}

function sumOf(tallies: Tallies): Tally & { readonly types: { readonly [type: string]: number } } {
  const sum: Tally = { count: 0, timestamp: '' };
  for (const { count, timestamp } of tallies.values()) {
    sum.count += count;
    if (timestamp > sum.timestamp) sum.timestamp = timestamp;
  }
  const sorted = [...tallies].sort(([a], [b]) => textOrder(a, b));
  return { ...sum, types: Object.fromEntries(sorted.map(([type, tally]) => [type, tally.count])) };
}
