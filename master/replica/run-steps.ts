// Applies logs in short turns of the event loop, ahead of waiting questions, so that questions cannot delay a follower.
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
