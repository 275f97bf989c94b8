// Walks along relations: all that is within some steps of some resources, each with how many steps it is away.
import type { Steps } from '../../../src/steps.ts';
import type { Edge, Vertex } from '../model/vertex.ts';
import type { VertexMap } from '../model/vertex-map.ts';
import { createVertexMap } from '../model/vertex-map.ts';
import { each, edgesOf, type ReadView } from '../revisions/read-view.ts';
import type { Direction } from './query.ts';

/** Where one relation leads from a vertex; undefined where it is not to be followed. */
export type Step = (edge: Edge, from: Vertex) => Vertex | undefined;

/** Breadth first, so that a vertex is reached by a shortest way. The roots are at distance 0. */
export function* reach(view: ReadView, roots: readonly Vertex[], depth: number, step: Step): Steps<VertexMap<number>> {
  const found = createVertexMap<number>();
  for (const root of roots) found.set(root, 0);
  let border: Vertex[] = [...found.keys()];
  for (let distance = 1; distance <= depth && border.length > 0; distance++) {
    const next: Vertex[] = [];
    for (const vertex of border) {
      yield* each(view, edgesOf(view.undoLog.of(vertex), 'both'), (edge) => {
        const to = step(edge, vertex);
        if (!to || found.has(to)) return;
        found.set(to, distance);
        next.push(to);
      });
    }
    border = next;
  }
  return found;
}

/** Where the relations of a vertex lead, given as it was. */
export function* neighboursOf(was: Vertex, vertex: Vertex, step: Step): Generator<Vertex> {
  for (const edge of edgesOf(was, 'both')) {
    const to = step(edge, vertex);
    if (to) yield to;
  }
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
