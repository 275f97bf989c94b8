// Counters by key in time windows: rejected tokens per address, requests per caller, questions per tenant.
import { LRUCache } from 'lru-cache';
import { after, type MonotonicClock, type MonotonicTime } from './clock.ts';

interface Window {
  count: number;
  readonly ends: MonotonicTime;
}

export interface WindowsOptions {
  readonly most: number;
  readonly clock: MonotonicClock;
  /** Milliseconds; default a minute. */
  readonly length?: number;
}

/** Maximum keys; the least recently counted is dropped first. */
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

  /** Seconds until the next one is allowed, rounded up; 0 if it is allowed now. */
  wait(key: string): number {
    const { count, ends } = this.#current(key);
    return count < this.#most ? 0 : Math.ceil((ends - this.#clock()) / 1000);
  }

  count(key: string): void {
    this.#current(key).count++;
  }

  /** Counts one if allowed; whether it was. */
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
