// The resources that one relation of a resource leads to, or comes from.
import type { Vertex } from '../graph/model/vertex.ts';
import { edgesOf } from '../graph/revisions/read-view.ts';
import type { UndoLog } from '../graph/revisions/undo-log.ts';

/** The graph at one moment: an undo log, or `asItIs`. */
export type Moment = Pick<UndoLog, 'of'>;

/** The graph now: to be asked within one turn of the event loop. */
export const asItIs: Moment = { of: (vertex) => vertex };

/** Those at the other end of each relation of that type, as they were; `out` is from the vertex on. In no order that is promised for `in`. */
export function neighbours(
  moment: Moment,
  vertex: Vertex,
  relation: string,
  direction: 'out' | 'in',
): readonly Vertex[] {
  const found: Vertex[] = [];
  for (const edge of edgesOf(moment.of(vertex), direction))
    if (edge.type === relation) found.push(moment.of(direction === 'out' ? edge.target : edge.source));
  return found;
}
