// Counts what each address tried and failed at, in windows of a minute.
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../src/clock.ts';

export interface Attempts {
  /** Seconds until the address may try again; 0 when it may now. */
  wait(address: string): number;
  failed(address: string): void;
}

const windowLength = 60_000;
const addresses = 10_000;

export function createAttempts(most: number, clock: Clock): Attempts {
  const windows = new LRUCache<string, { count: number; readonly ends: number }>({ max: addresses });

  function current(address: string): { count: number; readonly ends: number } {
    const known = windows.get(address);
    if (known && clock() < known.ends) return known;
    const fresh = { count: 0, ends: clock() + windowLength };
    windows.set(address, fresh);
    return fresh;
  }

  return {
    wait(address) {
      const { count, ends } = current(address);
      return count < most ? 0 : Math.ceil((ends - clock()) / 1000);
    },
    failed: (address) => void current(address).count++,
  };
}
