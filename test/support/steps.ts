// Runs work that may be interrupted: in one go, or with something between any two steps.
import type { Steps } from '../../src/steps.ts';

/** What the steps come to, with `between` called at each place where they may be interrupted. */
export function finish<T>(steps: Steps<T>, between: () => void = () => undefined): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    between();
  }
}

/** Without the places to be interrupted at. */
export function* given<T>(items: Iterable<T | undefined>): Generator<T> {
  for (const item of items) if (item !== undefined) yield item;
}
