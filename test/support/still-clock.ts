// A monotonic clock that a test moves.
import type { MonotonicClock, MonotonicTime } from '../../src/clock.ts';

/** `now` returns the time in milliseconds. */
export function stillClock(now: () => number = () => 0): MonotonicClock {
  return () => now() as MonotonicTime;
}
