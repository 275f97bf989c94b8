// Limits the requests that callers with unknown tokens cause. Callers are distinguished by address. Everyone behind a proxy has
// the same one, so a few unknown tokens are reviewed even if many were refused.
import { isIPv6 } from 'node:net';
import type { MonotonicClock } from './clock.ts';
import { FairSemaphore } from './fair-semaphore.ts';
import { Windows } from './windows.ts';

/** Refused tokens of an address per minute after which its unknown tokens are not reviewed. */
const mostRefusals = 30;
/** Maximum reviews per second of tokens from such addresses, over all addresses. */
const mostTrials = 10;
/** Maximum simultaneous reviews. Others wait, with addresses taking turns, so that the first refusals already count for them. */
const atOnce = 8;

export class Strangers {
  readonly #refusals: Windows;
  readonly #trials: Windows;
  readonly #turns = new FairSemaphore(atOnce);

  constructor(clock: MonotonicClock) {
    this.#refusals = new Windows({ most: mostRefusals, clock });
    this.#trials = new Windows({ most: mostTrials, clock, length: 1000 });
  }

  /** Calls `review` when its turn has come; undefined without calling it if too many tokens of the address were refused. */
  ask<T>(address: string, review: () => Promise<T | undefined>): Promise<T | undefined> {
    return this.#turns.run(networkOf(address), async () => {
      return this.admits(address) ? review() : undefined;
    });
  }

  /** Whether an unknown token of the address may be reviewed now. */
  admits(address: string): boolean {
    return this.wait(address) === 0 || this.#trials.take('');
  }

  /** Seconds until unknown tokens of the address are reviewed again; 0 if they are now. */
  wait(address: string): number {
    return this.#refusals.wait(networkOf(address));
  }

  /** Call for each refused token. */
  refuse(address: string): void {
    this.#refusals.count(networkOf(address));
  }
}

/** A caller with one IPv6 address has all 2^64 of its network. */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%');
  const mapped = bare.lastIndexOf('.') < 0 ? undefined : bare.slice(bare.lastIndexOf(':') + 1);
  if (mapped !== undefined || !isIPv6(bare)) return mapped ?? bare;
  const [head = '', tail] = bare.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = tail === undefined ? first : [...first, ...zeros(8 - first.length - last.length), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::`;
}

function zeros(count: number): string[] {
  return Array.from({ length: Math.max(0, count) }, () => '0');
}
