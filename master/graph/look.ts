// A look at the graph at one revision that may take several turns of the event loop.
import type { Steps } from '../../src/steps.ts';
import type { GraphReader } from './engine.ts';
import type { Past } from './past.ts';
import type { Snapshot } from './snapshot.ts';
import { capture } from './snapshot.ts';

export interface Look {
  /** As it is now: to be asked before the first interruption, or for what never changes. */
  readonly graph: GraphReader;
  readonly snapshot: Snapshot;
  readonly past: Past;
}

/** What the steps find. The snapshot stays open for whoever reads what they found, unless they fail or are given up. */
export function* looking<T>(graph: GraphReader, steps: (look: Look) => Steps<T>): Steps<T> {
  const look = { graph, snapshot: capture(graph), past: graph.pasts.open() };
  let found = false;
  try {
    const result = yield* steps(look);
    found = true;
    return result;
  } finally {
    look.past.close();
    if (!found) look.snapshot.release();
  }
}
