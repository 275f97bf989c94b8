// One resource, its relations and its direct neighbours.
import type { Steps } from '../../../src/steps.ts';
import type { GraphReader } from '../engine/engine.ts';
import type { Piece } from '../model/bytes.ts';
import { createVertexSet } from '../model/vertex-map.ts';
import { each, edgesOf, withReadView } from '../revisions/read-view.ts';
import { chosen, present } from './select.ts';
import type { Selection } from './selection.ts';

export interface Around {
  /** Text of the resource itself. */
  readonly piece: Piece;
  /** The resource and its neighbours, with only its own relations. */
  readonly selection: Selection;
}

/** @throws Fault `unknown_id` if it does not exist. */
export function around(graph: GraphReader, id: string): Steps<Around> {
  return withReadView(graph, function* (view) {
    const vertex = present(graph, id);
    const was = view.undoLog.of(vertex);
    const piece = was.version as NonNullable<typeof was.version>;
    const ends = createVertexSet();
    ends.add(vertex);
    yield* each(view, edgesOf(was, 'both'), ({ source, target }) => ends.add(source === vertex ? target : source));
    const selection = yield* chosen(view, ends, ({ source, target }) => source === vertex || target === vertex);
    return { piece, selection };
  });
}
