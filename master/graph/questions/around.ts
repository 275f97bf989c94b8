// One resource, its relations, and what they lead to.
import type { Steps } from '../../../src/steps.ts';
import { every } from '../../../src/steps.ts';
import type { GraphReader } from '../engine/engine.ts';
import type { Piece } from '../model/bytes.ts';
import { createVertexSet } from '../model/vertex-map.ts';
import { withReadView } from '../revisions/read-view.ts';
import { chosen, present } from './select.ts';
import type { Selection } from './selection.ts';

export interface Around {
  /** The text of the resource itself. */
  readonly piece: Piece;
  /** It and what its relations lead to, with its relations alone. */
  readonly selection: Selection;
}

/** Relations looked at between two places to be interrupted at. */
const often = 512;

/** @throws Fault `unknown_id` where there is none of that id. */
export function around(graph: GraphReader, id: string): Steps<Around> {
  return withReadView(graph, function* (view) {
    const vertex = present(graph, id);
    const { version, out, in: into } = view.undoLog.of(vertex);
    const ends = createVertexSet();
    ends.add(vertex);
    const pause = every(often);
    for (const { edges } of out) {
      for (const { target } of edges) ends.add(target);
      if (pause()) yield;
    }
    for (const { source } of into) {
      ends.add(source);
      if (pause()) yield;
    }
    const selection = yield* chosen(view, ends, ({ source, target }) => source === vertex || target === vertex);
    return { piece: version as NonNullable<typeof version>, selection };
  });
}
