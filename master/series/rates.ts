// Rates of counters: growth per second between two readings.

interface Reading {
  readonly at: number;
  readonly value: number;
}

/** Milliseconds: closer readings tell nothing, and more distant ones nothing about the minutes between. */
const closest = 1000;
const farthest = 600_000;

export class Rates {
  #readings = new Map<string, Reading>();

  /** Undefined at the first reading and after a counter reset. `at`: milliseconds. */
  rate(key: string, at: number, value: number): number | undefined {
    const before = this.#readings.get(key);
    if (before && at - before.at < closest) return undefined;
    this.#readings.set(key, { at, value });
    if (!before || at - before.at > farthest || value < before.value) return undefined;
    return (value - before.value) / ((at - before.at) / 1000);
  }

  /** Drops counters that were not read for long. */
  expire(now: number): void {
    for (const [key, { at }] of this.#readings) if (now - at > farthest) this.#readings.delete(key);
  }
}
