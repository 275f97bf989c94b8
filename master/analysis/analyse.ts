// Graph algorithms on numbered resources. Deterministic: random numbers come from a fixed sequence.
import { DirectedGraph, UndirectedGraph } from 'graphology';
import louvain from 'graphology-communities-louvain';
import { stronglyConnectedComponents } from 'graphology-components';
import betweenness from 'graphology-metrics/centrality/betweenness.js';

// CommonJS modules that are functions themselves, unlike their types say.
const communitiesOf = louvain as unknown as (
  graph: UndirectedGraph,
  options: { readonly getEdgeWeight: string; readonly rng: () => number; readonly randomWalk: boolean },
) => { readonly [node: string]: number };
const betweennessOf = betweenness as unknown as (
  graph: UndirectedGraph,
  options: { readonly getEdgeWeight: null },
) => { readonly [node: string]: number };

export const analyses = ['cycles', 'communities', 'centrality', 'articulation'] as const;
export type Analysis = (typeof analyses)[number];

export interface Work {
  readonly of: Analysis;
  /** Number of resources, numbered from 0. */
  readonly resources: number;
  /** Two numbers per relation: source and target. */
  readonly ends: Uint32Array;
}

/** A set of related resources, or one with a rank. */
export interface Finding {
  readonly resources: readonly number[];
  readonly value?: number;
}

/** Most notable first. */
export function analyse({ of, resources, ends }: Work): Finding[] {
  return found[of](resources, ends);
}

const found: { readonly [of in Analysis]: (resources: number, ends: Uint32Array) => Finding[] } = {
  cycles(resources, ends) {
    const graph = directed(resources, ends);
    const circles = stronglyConnectedComponents(graph).filter(
      ([first = '', ...others]) => others.length > 0 || graph.hasEdge(first, first),
    );
    return largestFirst(circles);
  },
  communities(resources, ends) {
    const graph = undirected(resources, ends);
    if (graph.size === 0) return [];
    const of = communitiesOf(graph, { getEdgeWeight: 'weight', rng: sequence(), randomWalk: false });
    const groups = Map.groupBy(graph.nodes(), (node) => of[node] ?? 0);
    return largestFirst([...groups.values()].filter((group) => group.length > 1));
  },
  centrality(resources, ends) {
    const between = betweennessOf(undirected(resources, ends), { getEdgeWeight: null });
    return byValue(Object.entries(between).filter(([, value]) => value > 0));
  },
  articulation(resources, ends) {
    return byValue(Object.entries(partsWithout(undirected(resources, ends))));
  },
};

function directed(resources: number, ends: Uint32Array): DirectedGraph {
  const graph = new DirectedGraph();
  for (let i = 0; i < resources; i++) graph.addNode(String(i));
  for (let i = 0; i < ends.length; i += 2) graph.mergeEdge(String(ends[i]), String(ends[i + 1]));
  return graph;
}

/** Parallel relations become one with more weight; self-relations are dropped. */
function undirected(resources: number, ends: Uint32Array): UndirectedGraph {
  const graph = new UndirectedGraph();
  for (let i = 0; i < resources; i++) graph.addNode(String(i));
  for (let i = 0; i < ends.length; i += 2) {
    if (ends[i] === ends[i + 1]) continue;
    graph.updateEdge(String(ends[i]), String(ends[i + 1]), ({ weight = 0 }: { weight?: number }) => ({
      weight: weight + 1,
    }));
  }
  return graph;
}

/**
 * For each articulation point the number of parts without it, with one iterative depth-first search: J. Hopcroft, R.
 * Tarjan, Algorithm 447, 1973.
 */
function partsWithout(graph: UndirectedGraph): { [node: string]: number } {
  const depth = new Map<string, number>();
  const low = new Map<string, number>();
  const parts: { [node: string]: number } = {};
  for (const root of graph.nodes()) {
    if (depth.has(root)) continue;
    const path = [{ node: root, parent: '', next: 0, neighbours: graph.neighbors(root), cut: 0 }];
    depth.set(root, 0);
    low.set(root, 0);
    for (let at = path.at(-1); at; at = path.at(-1)) {
      const { node, parent, neighbours } = at;
      const to = neighbours[at.next++];
      if (to === undefined) {
        path.pop();
        const above = path.at(-1);
        const own = at.cut + (above ? 1 : 0);
        if (own > 1) parts[node] = own;
        if (!above) continue;
        const lowest = low.get(node) ?? 0;
        if (lowest >= (depth.get(above.node) ?? 0)) above.cut++;
        low.set(above.node, Math.min(low.get(above.node) ?? 0, lowest));
      } else if (!depth.has(to)) {
        depth.set(to, path.length);
        low.set(to, path.length);
        path.push({ node: to, parent: node, next: 0, neighbours: graph.neighbors(to), cut: 0 });
      } else if (to !== parent) low.set(node, Math.min(low.get(node) ?? 0, depth.get(to) ?? 0));
    }
  }
  return parts;
}

function largestFirst(groups: readonly (readonly string[])[]): Finding[] {
  const sorted = groups.map((group) => ({ resources: group.map(Number).sort((a, b) => a - b) }));
  return sorted.sort(
    (a, b) => b.resources.length - a.resources.length || (a.resources[0] ?? 0) - (b.resources[0] ?? 0),
  );
}

function byValue(values: readonly (readonly [string, number])[]): Finding[] {
  const all = values.map(([node, value]) => ({ resources: [Number(node)], value }));
  return all.sort((a, b) => b.value - a.value || (a.resources[0] ?? 0) - (b.resources[0] ?? 0));
}

/** A fixed sequence of numbers in [0, 1). */
function sequence(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 48_271) >>> 0) % 0x7fffffff || 1;
    return state / 0x7fffffff;
  };
}
