// A look at the graph at one revision that may take several turns of the event loop.
import { fault } from '../../../src/errors.ts';
import type { Steps } from '../../../src/steps.ts';
import type { GraphReader } from '../engine/engine.ts';
import type { Snapshot } from './snapshot.ts';
import { capture } from './snapshot.ts';
import type { UndoLog } from './undo-log.ts';

export interface ReadView {
  /** As it is now: to be asked before the first interruption, or for what never changes. */
  readonly graph: GraphReader;
  readonly snapshot: Snapshot;
  readonly undoLog: UndoLog;
}

/**
 * What the steps find. The snapshot stays open for whoever reads what they found, unless they fail or are given up.
 * @throws Fault `unavailable`, see `whileHeld`.
 */
export function* withReadView<T>(graph: GraphReader, steps: (view: ReadView) => Steps<T>): Steps<T> {
  const view = { graph, snapshot: capture(graph), undoLog: graph.undoLogs.open() };
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
