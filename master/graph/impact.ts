// What depends on some resources, and on what depends on them, and so on: the way of dependence is a property of each rule.
import type { GraphReader } from './engine.ts';
import { claimsOf } from './json.ts';
import type { Selection } from './select.ts';
import { chosen } from './select.ts';
import type { Step } from './traverse.ts';
import { reach } from './traverse.ts';
import type { Edge, Vertex } from './vertex.ts';

export interface ImpactOptions {
  readonly depth: number;
  readonly relation?: ((type: string) => boolean) | undefined;
}

export interface Impact {
  /** The resources themselves, what depends on them, and the relations that say so. */
  readonly selection: Selection;
  /** By id: over how many relations; 0 for the resources asked about. In the order of ids. */
  readonly distances: ReadonlyMap<string, number>;
}

export function impactOf(graph: GraphReader, of: readonly Vertex[], { depth, relation }: ImpactOptions): Impact {
  const reached = reach(of, depth, (edge, from) => {
    if (relation && !relation(edge.type)) return undefined;
    return suffers(edge, from);
  });
  const carrying = new Set<Edge>();
  for (const vertex of reached.keys()) {
    for (const { edges } of vertex.out)
      for (const edge of edges) if (carries(edge, reached, relation)) carrying.add(edge);
  }
  const sorted = [...reached].sort(([a], [b]) => (a.id < b.id ? -1 : 1));
  return {
    selection: chosen(
      graph,
      sorted.map(([vertex]) => vertex),
      (edge) => carrying.has(edge),
    ),
    distances: new Map(sorted.map(([{ id }, distance]) => [id, distance])),
  };
}

/** The other end of the relation, where it suffers when `from` goes. */
const suffers: Step = (edge, from) => {
  if (edge.target === from && says(edge, 'source')) return edge.source;
  return edge.source === from && says(edge, 'target') ? edge.target : undefined;
};

function says(edge: Edge, dependence: 'source' | 'target'): boolean {
  return claimsOf(edge).some(({ reason }) => reason.rule.dependence === dependence);
}

function carries(
  edge: Edge,
  reached: ReadonlyMap<Vertex, number>,
  relation: ((type: string) => boolean) | undefined,
): boolean {
  if (relation && !relation(edge.type)) return false;
  return reached.has(edge.target) && (says(edge, 'source') || says(edge, 'target'));
}
