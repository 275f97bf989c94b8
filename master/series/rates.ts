// Rates of counters: what they grew by in a second, between two readings.

interface Reading {
  readonly at: number;
  readonly value: number;
}

/** Milliseconds: two readings that are closer say nothing, and those farther apart nothing of any minute between. */
const closest = 1000;
const farthest = 600_000;

export class Rates {
  #readings = new Map<string, Reading>();

  /** Undefined at the first reading, and where the counter began again since the last. `at` in milliseconds. */
  rate(key: string, at: number, value: number): number | undefined {
    const before = this.#readings.get(key);
    if (before && at - before.at < closest) return undefined;
    this.#readings.set(key, { at, value });
    if (!before || at - before.at > farthest || value < before.value) return undefined;
    return (value - before.value) / ((at - before.at) / 1000);
  }

  /** Lets go of counters that were not read for long. */
  expire(now: number): void {
    for (const [key, { at }] of this.#readings) if (now - at > farthest) this.#readings.delete(key);
  }
}
