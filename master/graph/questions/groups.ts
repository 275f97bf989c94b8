// The graph rolled up, for views of clusters that are too large to look at: one resource a group with what is in it, one
// relation a pair of groups with what is between them. What runs in a Pod goes with the Pod.

import { resourceId } from '../../../src/ids.ts';
import type { Steps } from '../../../src/steps.ts';
import { every, sortedInSteps } from '../../../src/steps.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { GraphReader } from '../engine/engine.ts';
import { separator } from '../engine/json.ts';
import type { Edge, Vertex } from '../model/vertex.ts';
import { createVertexMap } from '../model/vertex-map.ts';
import type { ReadView } from '../revisions/read-view.ts';
import { withReadView } from '../revisions/read-view.ts';
import { entriesOf } from '../revisions/snapshot.ts';
import type { Query } from './query.ts';
import { selected } from './select.ts';
import type { Selection } from './selection.ts';

export const groupings = ['namespace', 'type', 'node', 'zone', 'image', 'app'] as const;
export type Grouping = (typeof groupings)[number] | `label:${string}`;

/** A resource may be in several groups, as a Pod of two images is. */
type KeysOf = (vertex: Vertex) => readonly string[];

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

/** @throws Fault `unknown_id` for a root that is not there. */
export function groupsOf(graph: GraphReader, query: Query, by: Grouping): Steps<Groups> {
  return withReadView(graph, function* (view) {
    const selection = yield* selected(view, query);
    const groups = yield* rolledUp(view, selection, by);
    return { selection, ...(yield* textsOf(groups, by)) };
  });
}

function* rolledUp(view: ReadView, selection: Selection, by: Grouping): Steps<Group[]> {
  const keysOf = keysBy(view, by);
  const groups = new Map<string, Group>();
  const groupsOf = createVertexMap<readonly Group[]>();
  const alone = new Map<string, readonly Group[]>();
  const pause = every(often);

  function groupNamed(key: string): Group {
    let group = groups.get(key);
    if (!group) groups.set(key, (group = newGroup(key)));
    return group;
  }

  /** One list for all that are in one group alone. */
  function groupsNamed(keys: readonly string[]): readonly Group[] {
    if (keys.length > 1) return keys.map(groupNamed);
    const key = keys[0] ?? '';
    let list = alone.get(key);
    if (!list) alone.set(key, (list = [groupNamed(key)]));
    return list;
  }

  for (const { vertex, version } of selection.entries()) {
    const was = view.undoLog.of(vertex);
    const of = groupsNamed(keysOf(was));
    groupsOf.set(vertex, of);
    const isMissing = view.undoLog.standingOf(vertex) === 'missing';
    for (const group of of) addResource(group, vertex.type, version.timestamp, isMissing);
    if (by === 'image' && vertex.type === 'Image')
      for (const group of of) group.label = was.alternateLabel || was.label;
    if (pause()) yield;
  }
  const adding = createAdding();
  for (const { vertex, out } of selection.entries()) {
    const from = groupsOf.get(vertex) ?? [];
    for (const { edges } of out) {
      for (const edge of edges) {
        if (selection.keeps(edge)) adding(edge, from, groupsOf.get(edge.target) ?? []);
        if (pause()) yield;
      }
    }
    if (pause()) yield;
  }
  return [...groups.values()];
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

// --- which groups ----------------------------------------------------------------------------------------------------

const zoneLabels = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'];
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels, and what was usual before. */
const appLabels = ['app.kubernetes.io/instance', 'app.kubernetes.io/name', 'app', 'k8s-app'];

/** The keys of a vertex as it was. */
function keysBy(view: ReadView, by: Grouping): KeysOf {
  if (by === 'namespace') return (vertex) => some(vertex.type === 'Namespace' ? vertex.name : vertex.namespace);
  if (by === 'type') return (vertex) => [vertex.type];
  if (by === 'node') return (vertex) => some(nodeOf(view, vertex));
  if (by === 'zone') {
    const zones = zonesOfNodes(view);
    return (vertex) => some(vertex.type === 'Zone' ? vertex.name : zoneOf(view, zones, vertex));
  }
  if (by === 'image') return (vertex) => imagesOf(view, vertex);
  const keys = by === 'app' ? appLabels : [by.slice('label:'.length)];
  return (vertex) => some(labelOf(holderOf(view, vertex), keys));
}

function some(key: string | undefined): readonly string[] {
  return key ? [key] : [];
}

function labelOf({ labels }: Vertex, keys: readonly string[]): string | undefined {
  const key = keys.find((each) => labels !== undefined && Object.hasOwn(labels, each));
  return key === undefined ? undefined : labels?.[key];
}

/** The Pod of a container or process; every other resource itself. */
function holderOf(view: ReadView, vertex: Vertex): Vertex {
  const { type } = vertex;
  if (type !== 'Container' && type !== 'Process') return vertex;
  const holds = ({ source }: Edge) => source.type === 'Pod' || (type === 'Process' && source.type === 'Container');
  const holder = vertex.in.find(holds)?.source;
  return holder ? holderOf(view, view.undoLog.of(holder)) : vertex;
}

function nodeOf(view: ReadView, vertex: Vertex): string {
  return vertex.type === 'Node' ? vertex.name : holderOf(view, vertex).nodeName;
}

function zonesOfNodes({ snapshot, undoLog }: ReadView): ReadonlyMap<string, string | undefined> {
  const types = snapshot.types.filter(({ type }) => type === 'Node');
  const nodes = [...entriesOf({ types })].map(({ vertex }) => undoLog.of(vertex));
  return new Map(nodes.map((node) => [node.name, labelOf(node, zoneLabels)]));
}

function zoneOf(view: ReadView, zones: ReadonlyMap<string, string | undefined>, vertex: Vertex): string | undefined {
  const node = nodeOf(view, vertex);
  return node ? zones.get(node) : labelOf(vertex, zoneLabels);
}

function imagesOf({ undoLog }: ReadView, vertex: Vertex): readonly string[] {
  const { type } = vertex;
  if (type === 'Image') return [vertex.name];
  if (type === 'Container') return imagesBelow(vertex);
  const containers =
    type === 'Pod'
      ? targetsOf(vertex, 'Container')
      : type === 'Process'
        ? vertex.in.map(({ source }) => source).filter((source) => source.type === 'Container')
        : [];
  return [...new Set(containers.flatMap((container) => imagesBelow(undoLog.of(container))))];
}

function imagesBelow(container: Vertex): string[] {
  return [...new Set(targetsOf(container, 'Image').map(({ name }) => name))];
}

function targetsOf({ out }: Vertex, type: string): Vertex[] {
  const targets: Vertex[] = [];
  for (const { edges } of out) for (const { target } of edges) if (target.type === type) targets.push(target);
  return targets;
}

// --- text ------------------------------------------------------------------------------------------------------------

function* textsOf(groups: readonly Group[], by: Grouping): Steps<Omit<Groups, 'selection'>> {
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

function groupText(group: Group, by: Grouping, id: string): string {
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
