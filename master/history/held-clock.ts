// The clock that decides what is too old. What it makes go is gone for good, so that a clock that was set forward, also while nothing
// ran, is believed only when it has stayed there: until then its time goes on as before.
import type { Clock } from '../../src/clock.ts';

/** Milliseconds. */
const usualSteps = 60_000;
const untilBelieved = 3_600_000;

export class HeldClock {
  readonly #clock: Clock;
  readonly #elapsed: () => number;
  #time: number;
  #elapsedThen: number;
  #ahead = 0;
  /** Since when the clock is ahead, in milliseconds that elapsed. */
  #since: number | undefined;

  /** `elapsed`: milliseconds that only advance, from any start. */
  constructor(clock: Clock, elapsed: () => number) {
    this.#clock = clock;
    this.#elapsed = elapsed;
    this.#time = clock();
    this.#elapsedThen = elapsed();
  }

  /** The time at which something was last written, in milliseconds. Call it before `now`. */
  heldFrom(time: number): void {
    this.#time = Math.min(this.#time, time);
  }

  /** Milliseconds that the clock is ahead of what is believed, as of the last `now`. */
  get ahead(): number {
    return this.#ahead;
  }

  /** Milliseconds. */
  now(): number {
    const elapsed = this.#elapsed();
    const expected = this.#time + elapsed - this.#elapsedThen;
    const time = this.#clock();
    const ahead = time - expected;
    if (ahead <= usualSteps) this.#since = undefined;
    else if (this.#since === undefined || ahead > this.#ahead + usualSteps) this.#since = elapsed;
    const isHeld = this.#since !== undefined && elapsed - this.#since < untilBelieved;
    this.#elapsedThen = elapsed;
    this.#time = isHeld ? expected : time;
    this.#ahead = isHeld ? ahead : 0;
    if (!isHeld) this.#since = undefined;
    return this.#time;
  }
}
