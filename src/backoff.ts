// How long a background loop waits before the next try.
import { setTimeout as delay } from 'node:timers/promises';

export interface BackoffOptions {
  /** Initial ceiling in milliseconds; it doubles with each try. */
  readonly base: number;
  /** Maximum ceiling in milliseconds. */
  readonly cap: number;
  /**
   * Waits between zero and the ceiling instead of from half the ceiling: spreads many clients of a failed server over the
   * whole interval.
   */
  readonly full?: boolean;
  /** In [0, 1). */
  readonly random?: () => number;
}

export interface Backoff {
  /**
   * Milliseconds to wait: between half the ceiling (zero if `full`) and the ceiling, so that many clients do not return at
   * once.
   */
  next(): number;
  /** The try succeeded: the next wait is short again. */
  reset(): void;
}

export function createBackoff({ base, cap, full = false, random = Math.random }: BackoffOptions): Backoff {
  let ceiling = Math.min(base, cap);
  return {
    next() {
      const least = full ? 0 : ceiling / 2;
      const wait = least + random() * (ceiling - least);
      ceiling = Math.min(ceiling * 2, cap);
      return Math.round(wait);
    },
    reset() {
      ceiling = Math.min(base, cap);
    },
  };
}

/** Waits `ms` milliseconds or until `signal` aborts. Never rejects: callers check their signal anyway. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
