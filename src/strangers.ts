// Bounds what callers whose tokens nobody knows make this process ask of others. They are told apart by address; everybody behind a
// proxy has the same one, so that a few unknown tokens are asked about even where many were refused.
import { isIPv6 } from 'node:net';
import type { MonotonicClock } from './clock.ts';
import { FairSemaphore } from './fair-semaphore.ts';
import { Windows } from './windows.ts';

/** Refused tokens of an address in a minute, after which its unknown ones are not asked about. */
const mostRefusals = 30;
/** Of those, asked about all the same in a second, for all addresses together. */
const mostTrials = 10;
/** Asked about at a time. Others wait, addresses in turn: many at once are not asked about before the first are refused. */
const atOnce = 8;

export class Strangers {
  readonly #refusals: Windows;
  readonly #trials: Windows;
  readonly #turns = new FairSemaphore(atOnce);

  constructor(clock: MonotonicClock) {
    this.#refusals = new Windows({ most: mostRefusals, clock });
    this.#trials = new Windows({ most: mostTrials, clock, length: 1000 });
  }

  /** What `review` says of a token when its turn has come; undefined, and nothing is asked, where too many were refused. */
  ask<T>(address: string, review: () => Promise<T | undefined>): Promise<T | undefined> {
    return this.#turns.run(networkOf(address), async () => {
      return this.admits(address) ? review() : undefined;
    });
  }

  /** Whether an unknown token of the address may be asked about now. */
  admits(address: string): boolean {
    return this.wait(address) === 0 || this.#trials.take('');
  }

  /** Seconds until unknown tokens of the address are asked about as before; 0 where they are. */
  wait(address: string): number {
    return this.#refusals.wait(networkOf(address));
  }

  /** To be called for each token that was refused. */
  refuse(address: string): void {
    this.#refusals.count(networkOf(address));
  }
}

/** Who has one address of IPv6 has the other 2^64 of its network. */
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
