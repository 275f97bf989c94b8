// A monotonic clock that a test moves.
import type { MonotonicClock, MonotonicTime } from '../../src/clock.ts';

/** Reads what `now` says, in milliseconds. */
export function stillClock(now: () => number = () => 0): MonotonicClock {
  return () => now() as MonotonicTime;
}
