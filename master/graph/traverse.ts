// Walks along relations: all that is within some steps of some resources, each with how many steps it is away.
import type { Direction } from './query.ts';
import type { Edge, Vertex } from './vertex.ts';

/** Where one relation leads from a vertex; undefined where it is not to be followed. */
export type Step = (edge: Edge, from: Vertex) => Vertex | undefined;

/** Breadth first, so that a vertex is reached by a shortest way. The roots are at distance 0. */
export function reach(roots: readonly Vertex[], depth: number, step: Step): Map<Vertex, number> {
  const found = new Map<Vertex, number>(roots.map((root) => [root, 0]));
  let border: Vertex[] = [...found.keys()];
  for (let distance = 1; distance <= depth && border.length > 0; distance++) {
    const next: Vertex[] = [];
    const visit = (vertex: Vertex | undefined) => {
      if (!vertex || found.has(vertex)) return;
      found.set(vertex, distance);
      next.push(vertex);
    };
    for (const vertex of border) {
      for (const { edges } of vertex.out) for (const edge of edges) visit(step(edge, vertex));
      for (const edge of vertex.in) visit(step(edge, vertex));
    }
    border = next;
  }
  return found;
}

/** The step that follows the relations of some types in a direction. */
export function along(direction: Direction, follows?: (type: string) => boolean): Step {
  const down = direction !== 'up';
  const up = direction !== 'down';
  return (edge, from) => {
    if (follows && !follows(edge.type)) return undefined;
    const to = edge.source === from ? down && edge.target : up && edge.source;
    return to || undefined;
  };
}
