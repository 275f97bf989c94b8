// The graph at one revision, for reads that may take several turns of the event loop.
import { fault } from '../../../src/errors.ts';
import { every, type Steps } from '../../../src/steps.ts';
import type { Block } from '../engine/edges.ts';
import type { GraphReader } from '../engine/engine.ts';
import type { Edge, EdgeList } from '../model/vertex.ts';
import type { Snapshot } from './snapshot.ts';
import { capture } from './snapshot.ts';
import type { UndoLog } from './undo-log.ts';

export interface ReadView {
  /** The current graph: use it before the first interruption, or for immutable data. */
  readonly graph: GraphReader;
  readonly snapshot: Snapshot;
  readonly undoLog: UndoLog;
  /** True when it is time to yield to others. Shared by all users of the view. */
  readonly pause: () => boolean;
}

/** Resources or relations examined between two pauses, some tens of microseconds. */
const often = 256;

const noEdges: readonly Edge[] = [];

/** Outgoing, incoming or all relations of a vertex: past ones for a past vertex. */
export function edgesOf(
  { out, in: into = noEdges }: { readonly out: readonly Block[]; readonly in?: EdgeList | readonly Edge[] },
  direction: 'out' | 'in' | 'both',
): Iterable<Edge> {
  if (direction === 'in' || out.length === 0) return direction === 'out' ? noEdges : into;
  // Most vertices have one or two blocks: a generator would cost several times as much.
  if (out.length === 1 && (direction === 'out' || into.length === 0)) return (out[0] as Block).edges;
  return allOf(out, direction === 'out' ? noEdges : into);
}

function* allOf(out: readonly Block[], into: Iterable<Edge>): Generator<Edge> {
  for (const { edges } of out) for (const edge of edges) yield edge;
  for (const edge of into) yield edge;
}

/** Visits any number of items with pauses. Read mutable data through the view, since it may change during a pause. */
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
 * The result of the steps. The snapshot stays open for readers of the result, unless the steps fail or are abandoned.
 * @throws Fault `unavailable`, see `whileHeld`.
 */
export function* withReadView<T>(graph: GraphReader, steps: (view: ReadView) => Steps<T>): Steps<T> {
  const view = { graph, snapshot: capture(graph), undoLog: graph.undoLogs.open(), pause: every(often) };
  let found = false;
  try {
    const result = yield* whileHeld(view.snapshot, steps(view));
    view.undoLog.unread?.check();
    found = true;
    return result;
  } finally {
    view.undoLog.close();
    if (!found) view.snapshot.release();
  }
}

/**
 * Runs steps on a past revision. After the reader is cut off, the data may change.
 * @throws Fault `unavailable` if it was cut off or is meanwhile.
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
