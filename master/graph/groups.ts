// The graph rolled up, for views of clusters that are too large to look at: one resource a group with what is in it, one
// relation a pair of groups with what is between them. What runs in a Pod goes with the Pod.

import { DirectedGraph } from 'graphology';
import { resourceId } from '../../src/ids.ts';
import { textOrder } from '../../src/text-order.ts';
import type { GraphReader } from './engine.ts';
import { separator } from './json.ts';
import type { Selection } from './select.ts';
import type { Edge, Vertex } from './vertex.ts';

export const groupings = ['namespace', 'type', 'node', 'zone', 'image', 'app'] as const;
export type Grouping = (typeof groupings)[number] | `label:${string}`;

/** A resource may be in several groups, as a Pod of two images is. */
type KeysOf = (vertex: Vertex) => readonly string[];

export const groupType = 'ResourceGroup';

interface Counted {
  timestamp: string;
  count: number;
  readonly types: Map<string, number>;
}

interface GroupOf extends Counted {
  readonly key: string;
  /** What is between it and others, by which of them. */
  readonly to: Map<GroupOf, Counted>;
  missing: number;
  /** Relations within the group. */
  inside: number;
  label: string;
}

export interface Groups {
  /** Texts with their separators, in order. */
  readonly resources: readonly string[];
  readonly relations: readonly string[];
  readonly ids: readonly string[];
  readonly ends: readonly { readonly source: string; readonly target: string }[];
}

/** Rolls up what is selected. To be called in the same breath as the selection is made. */
export function groupsOf(graph: GraphReader, selection: Selection, by: Grouping): Groups {
  const rolled = new DirectedGraph<GroupOf, Counted>();
  const keysOf = keysBy(graph, by);
  const groupsOf = new Map<Vertex, readonly GroupOf[]>();
  const groups = new Map<string, GroupOf>();
  for (const { vertex, version } of selection.entries()) {
    const of = orNone(keysOf(vertex)).map((key) => groups.get(key) ?? addGroup(rolled, groups, key));
    groupsOf.set(vertex, of);
    const missing = graph.standingOf(vertex) === 'missing';
    for (const group of of) addResource(group, vertex, version.timestamp, missing);
    if (by === 'image' && vertex.type === 'Image')
      for (const group of of) group.label = vertex.alternateLabel || vertex.label;
  }
  for (const [{ out }, from] of groupsOf) {
    for (const { edges } of out) {
      for (const edge of edges)
        if (selection.keeps(edge)) addRelation(rolled, edge, from, groupsOf.get(edge.target) ?? []);
    }
  }
  return textsOf(rolled, by);
}

function addGroup(rolled: DirectedGraph<GroupOf, Counted>, groups: Map<string, GroupOf>, key: string): GroupOf {
  const group = { ...newCount(), key, missing: 0, inside: 0, label: key || '(none)', to: new Map() };
  rolled.addNode(key, group);
  // The attributes are the object that was given: what is counted there is counted in the graph.
  groups.set(key, group);
  return group;
}

function addResource(group: GroupOf, { type }: Vertex, timestamp: string, missing: boolean): void {
  count(group, type, timestamp);
  if (missing) group.missing++;
}

function addRelation(
  rolled: DirectedGraph<GroupOf, Counted>,
  edge: Edge,
  from: readonly GroupOf[],
  to: readonly GroupOf[],
): void {
  for (const source of from) {
    for (const target of to) {
      if (source === target) source.inside++;
      else count(source.to.get(target) ?? addPair(rolled, source, target), edge.type, edge.timestamp);
    }
  }
}

function addPair(rolled: DirectedGraph<GroupOf, Counted>, source: GroupOf, target: GroupOf): Counted {
  const pair = newCount();
  rolled.addEdge(source.key, target.key, pair);
  source.to.set(target, pair);
  return pair;
}

function newCount(): Counted {
  return { timestamp: '', count: 0, types: new Map() };
}

function count(counted: Counted, type: string, timestamp: string): void {
  counted.count++;
  counted.types.set(type, (counted.types.get(type) ?? 0) + 1);
  if (timestamp > counted.timestamp) counted.timestamp = timestamp;
}

function orNone(keys: readonly string[]): readonly string[] {
  return keys.length > 0 ? keys : [''];
}

// --- which groups ----------------------------------------------------------------------------------------------------

const zoneLabels = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'];
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels, and what was usual before. */
const appLabels = ['app.kubernetes.io/instance', 'app.kubernetes.io/name', 'app', 'k8s-app'];

function keysBy(graph: GraphReader, by: Grouping): KeysOf {
  if (by === 'namespace') return (vertex) => some(vertex.type === 'Namespace' ? vertex.name : vertex.namespace);
  if (by === 'type') return (vertex) => [vertex.type];
  if (by === 'node') return (vertex) => some(nodeOf(vertex));
  if (by === 'zone') return (vertex) => some(vertex.type === 'Zone' ? vertex.name : zoneOf(graph, vertex));
  if (by === 'image') return imagesOf;
  if (by === 'app') return (vertex) => some(labelOf(holderOf(vertex), appLabels));
  const key = by.slice('label:'.length);
  return (vertex) => some(labelOf(holderOf(vertex), [key]));
}

function some(key: string | undefined): readonly string[] {
  return key ? [key] : [];
}

function labelOf({ labels }: Vertex, keys: readonly string[]): string | undefined {
  const key = keys.find((each) => labels !== undefined && Object.hasOwn(labels, each));
  return key === undefined ? undefined : labels?.[key];
}

/** The Pod of a container or process; every other resource itself. */
function holderOf(vertex: Vertex): Vertex {
  if (vertex.type !== 'Container' && vertex.type !== 'Process') return vertex;
  const holders = vertex.in.filter(
    ({ source }) => source.type === 'Pod' || (vertex.type === 'Process' && source.type === 'Container'),
  );
  const holder = holders[0]?.source;
  return holder ? holderOf(holder) : vertex;
}

function nodeOf(vertex: Vertex): string {
  return vertex.type === 'Node' ? vertex.name : holderOf(vertex).nodeName;
}

function zoneOf(graph: GraphReader, vertex: Vertex): string | undefined {
  const node = nodeOf(vertex);
  const of = node ? graph.get(resourceId('Node', node)) : vertex;
  return of && labelOf(of, zoneLabels);
}

function imagesOf(vertex: Vertex): readonly string[] {
  if (vertex.type === 'Image') return [vertex.name];
  const below =
    vertex.type === 'Process'
      ? vertex.in.map(({ source }) => source).filter(({ type }) => type === 'Container')
      : targetsOf(vertex);
  if (vertex.type === 'Container') return namesOf(below.filter(({ type }) => type === 'Image'));
  if (vertex.type !== 'Pod' && vertex.type !== 'Process') return [];
  return [...new Set(below.filter(({ type }) => type === 'Container').flatMap(imagesOf))];
}

function targetsOf(vertex: Vertex): Vertex[] {
  return vertex.out.flatMap(({ edges }) => edges.map(({ target }) => target));
}

function namesOf(vertices: readonly Vertex[]): readonly string[] {
  return [...new Set(vertices.map(({ name }) => name))];
}

// --- text ------------------------------------------------------------------------------------------------------------

function textsOf(rolled: DirectedGraph<GroupOf, Counted>, by: Grouping): Groups {
  const idOf = (key: string) => resourceId(groupType, key);
  const keys = rolled.nodes().sort();
  const pairs = rolled.mapEdges((_, counted, source, target) => ({ counted, source, target }));
  pairs.sort((a, b) => textOrder(a.source, b.source) || textOrder(a.target, b.target));
  return {
    ids: keys.map(idOf),
    ends: pairs.map(({ source, target }) => ({ source: idOf(source), target: idOf(target) })),
    resources: keys.map((key) => {
      const { timestamp, count, types, missing, inside, label } = rolled.getNodeAttributes(key);
      const properties = { by, key, resources: count, relations: inside, missing, types: sorted(types) };
      const annotations = { label, alternateLabel: `${label} (${count})`, count };
      return JSON.stringify({ id: idOf(key), type: groupType, timestamp, properties, annotations }) + separator;
    }),
    relations: pairs.map(({ counted: { timestamp, count, types }, source, target }) => {
      const annotations = { label: 'relates', rule: 'groups', field: '', count, types: sorted(types) };
      return (
        JSON.stringify({ type: 'relates', timestamp, source: idOf(source), target: idOf(target), annotations }) +
        separator
      );
    }),
  };
}

function sorted(counts: ReadonlyMap<string, number>): object {
  return Object.fromEntries([...counts].sort(([a], [b]) => textOrder(a, b)));
}
