// A look at the graph at one revision that may take several turns of the event loop.
import { fault } from '../../../src/errors.ts';
import { every, type Steps } from '../../../src/steps.ts';
import type { Block } from '../engine/edges.ts';
import type { GraphReader } from '../engine/engine.ts';
import type { Edge, EdgeList } from '../model/vertex.ts';
import type { Snapshot } from './snapshot.ts';
import { capture } from './snapshot.ts';
import type { UndoLog } from './undo-log.ts';

export interface ReadView {
  /** As it is now: to be asked before the first interruption, or for what never changes. */
  readonly graph: GraphReader;
  readonly snapshot: Snapshot;
  readonly undoLog: UndoLog;
  /** True now and then: it is time to let others have their turn. Shared by all that looks through the view. */
  readonly pause: () => boolean;
}

/** Resources or relations looked at between two places to be interrupted at: some tens of microseconds. */
const often = 256;

const noEdges: readonly Edge[] = [];

/** The relations of a vertex as a source, as a target or both: of one that is given as it was, as they were. */
export function edgesOf(
  { out, in: into = noEdges }: { readonly out: readonly Block[]; readonly in?: EdgeList },
  direction: 'out' | 'in' | 'both',
): Iterable<Edge> {
  if (direction === 'in' || out.length === 0) return direction === 'out' ? noEdges : into;
  // Most resources have one list or two: to go through a generator costs several times as much.
  if (out.length === 1 && (direction === 'out' || into.length === 0)) return (out[0] as Block).edges;
  return allOf(out, direction === 'out' ? noEdges : into);
}

function* allOf(out: readonly Block[], into: EdgeList): Generator<Edge> {
  for (const { edges } of out) for (const edge of edges) yield edge;
  for (const edge of into) yield edge;
}

/** Visits all of them, however many, with places to be interrupted at: what may change meanwhile is to be asked of the view. */
export function* each<T>(
  { pause }: Pick<ReadView, 'pause'>,
  items: Iterable<T>,
  visit: (item: T) => void,
): Steps<void> {
  for (const item of items) {
    visit(item);
    if (pause()) yield;
  }
}

/**
 * What the steps find. The snapshot stays open for whoever reads what they found, unless they fail or are given up.
 * @throws Fault `unavailable`, see `whileHeld`.
 */
export function* withReadView<T>(graph: GraphReader, steps: (view: ReadView) => Steps<T>): Steps<T> {
  const view = { graph, snapshot: capture(graph), undoLog: graph.undoLogs.open(), pause: every(often) };
  let found = false;
  try {
    const result = yield* whileHeld(view.snapshot, steps(view));
    found = true;
    return result;
  } finally {
    view.undoLog.close();
    if (!found) view.snapshot.release();
  }
}

/**
 * Steps that read a past revision: where the reader was cut off, what they hold changes under them.
 * @throws Fault `unavailable` when it is cut off meanwhile, or was.
 */
export function* whileHeld<T>({ onCut }: Partial<Pick<Snapshot, 'onCut'>>, steps: Steps<T>): Steps<T> {
  let isCut = false;
  const stop = onCut?.(() => {
    isCut = true;
  });
  try {
    for (;;) {
      if (isCut) throw fault('unavailable', { reason: 'too much changed while the answer was made; try again later' });
      const step = steps.next();
      if (step.done) return step.value;
      yield;
    }
  } finally {
    stop?.();
    steps.return(undefined as never);
  }
}
