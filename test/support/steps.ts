// Runs interruptible work: at once, or with an action between any two steps.
import type { Steps } from '../../src/steps.ts';

/** The result of the steps; calls `between` at each pause. */
export function finish<T>(steps: Steps<T>, between: () => void = () => undefined): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    between();
  }
}

/** The items without pauses. */
export function* given<T>(items: Iterable<T | undefined>): Generator<T> {
  for (const item of items) if (item !== undefined) yield item;
}
