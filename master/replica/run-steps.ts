// Runs what masters tell in short turns of the event loop, whatever questions wait: who follows a log must not wait behind them.
import type { Steps } from '../../src/steps.ts';

/** Milliseconds of one turn. */
const length = 4;

export async function runSteps(steps: Steps<void>): Promise<void> {
  for (;;) {
    const end = performance.now() + length;
    do {
      if (steps.next().done) return;
    } while (performance.now() < end);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
