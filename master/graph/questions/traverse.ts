// Walks along relations: all resources within some steps of the roots, with their distances.
import type { Steps } from '../../../src/steps.ts';
import type { Edge, Vertex } from '../model/vertex.ts';
import type { VertexMap } from '../model/vertex-map.ts';
import { createVertexMap } from '../model/vertex-map.ts';
import { each, edgesOf, type ReadView } from '../revisions/read-view.ts';
import type { Direction } from './query.ts';

/** The vertex to which a relation leads; undefined if it is not followed. */
export type Step = (edge: Edge, from: Vertex) => Vertex | undefined;

/** Breadth-first, so distances are shortest. Roots have distance 0. */
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

/** The neighbours of a vertex, given in its state of that moment. */
export function* neighboursOf(was: Vertex, vertex: Vertex, step: Step): Generator<Vertex> {
  for (const edge of edgesOf(was, 'both')) {
    const to = step(edge, vertex);
    if (to) yield to;
  }
}

/** A step that follows some relation types in one direction. */
export function along(direction: Direction, follows?: (type: string) => boolean): Step {
  const down = direction !== 'up';
  const up = direction !== 'down';
  return (edge, from) => {
    if (follows && !follows(edge.type)) return undefined;
    const to = edge.source === from ? down && edge.target : up && edge.source;
    return to || undefined;
  };
}
