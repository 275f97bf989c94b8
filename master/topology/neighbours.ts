// The resources at the other end of one relation type.
import type { Vertex } from '../graph/model/vertex.ts';
import { edgesOf } from '../graph/revisions/read-view.ts';
import type { UndoLog } from '../graph/revisions/undo-log.ts';

/** The graph at one moment: an undo log, or `asItIs`. */
export type Moment = Pick<UndoLog, 'of'>;

/** The current graph: only within one turn of the event loop. */
export const asItIs: Moment = { of: (vertex) => vertex };

/** The other ends of relations of that type, in their state of that moment; `out`: outgoing. `in` is unordered. */
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
