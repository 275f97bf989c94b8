// Counts by key in windows of time: refused tokens of an address, requests of a caller, questions for a tenant.
import { LRUCache } from 'lru-cache';
import { after, type MonotonicClock, type MonotonicTime } from '../../src/clock.ts';

interface Window {
  count: number;
  readonly ends: MonotonicTime;
}

export interface WindowsOptions {
  readonly most: number;
  readonly clock: MonotonicClock;
  /** Milliseconds; a minute where it is left out. */
  readonly length?: number;
}

/** Keys that are remembered; the one that was counted longest ago is forgotten first. */
const keys = 10_000;

export class Windows {
  readonly #most: number;
  readonly #length: number;
  readonly #clock: MonotonicClock;
  readonly #windows = new LRUCache<string, Window>({ max: keys });

  constructor({ most, clock, length = 60_000 }: WindowsOptions) {
    this.#most = most;
    this.#length = length;
    this.#clock = clock;
  }

  /** Seconds until there may be one more, rounded up; 0 when there may be now. */
  wait(key: string): number {
    const { count, ends } = this.#current(key);
    return count < this.#most ? 0 : Math.ceil((ends - this.#clock()) / 1000);
  }

  count(key: string): void {
    this.#current(key).count++;
  }

  /** Counts one more where there may be one, and says whether there was. */
  take(key: string): boolean {
    if (this.wait(key) > 0) return false;
    this.count(key);
    return true;
  }

  #current(key: string): Window {
    const known = this.#windows.get(key);
    if (known && this.#clock() < known.ends) return known;
    const fresh = { count: 0, ends: after(this.#clock(), this.#length) };
    this.#windows.set(key, fresh);
    return fresh;
  }
}
