// Walks along relations: all that is within some steps of some resources, each with how many steps it is away.
import type { Steps } from '../../../src/steps.ts';
import { every } from '../../../src/steps.ts';
import type { Edge, Vertex } from '../model/vertex.ts';
import type { VertexMap } from '../model/vertex-map.ts';
import { createVertexMap } from '../model/vertex-map.ts';
import type { UndoLog } from '../revisions/undo-log.ts';
import type { Direction } from './query.ts';

/** Where one relation leads from a vertex; undefined where it is not to be followed. */
export type Step = (edge: Edge, from: Vertex) => Vertex | undefined;

/** Relations followed between two places to be interrupted at. */
const often = 512;

/** Breadth first, so that a vertex is reached by a shortest way. The roots are at distance 0. */
export function* reach(
  undoLog: UndoLog,
  roots: readonly Vertex[],
  depth: number,
  step: Step,
): Steps<VertexMap<number>> {
  const found = createVertexMap<number>();
  for (const root of roots) found.set(root, 0);
  const pause = every(often);
  let border: Vertex[] = [...found.keys()];
  for (let distance = 1; distance <= depth && border.length > 0; distance++) {
    const next: Vertex[] = [];
    const visit = (vertex: Vertex | undefined) => {
      if (!vertex || found.has(vertex)) return;
      found.set(vertex, distance);
      next.push(vertex);
    };
    for (const vertex of border) {
      const { out, in: into } = undoLog.of(vertex);
      for (const { edges } of out) {
        for (const edge of edges) {
          visit(step(edge, vertex));
          if (pause()) yield;
        }
      }
      for (const edge of into) {
        visit(step(edge, vertex));
        if (pause()) yield;
      }
    }
    border = next;
  }
  return found;
}

/** Where the relations of a vertex lead, as they were. */
export function* neighboursOf({ out, in: into }: Vertex, vertex: Vertex, step: Step): Generator<Vertex> {
  for (const { edges } of out) {
    for (const edge of edges) {
      const to = step(edge, vertex);
      if (to) yield to;
    }
  }
  for (const edge of into) {
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
