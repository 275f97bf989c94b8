// How long a background loop waits before it tries again.
import { setTimeout as delay } from 'node:timers/promises';

export interface BackoffOptions {
  /** The first ceiling, in milliseconds; it doubles with each try. */
  readonly base: number;
  /** The highest ceiling, in milliseconds. */
  readonly cap: number;
  /** Waits anything up to the ceiling, not half of it at least: many that lost the same server spread over the whole of it. */
  readonly full?: boolean;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

export interface Backoff {
  /** Milliseconds to wait now: between half the ceiling (nothing where it is `full`) and the ceiling, so that many clients do not come back at once. */
  next(): number;
  /** What is tried has worked: the next wait is short again. */
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

/** Waits `ms` milliseconds, or until `signal` aborts. Never rejects: the caller's loop looks at its signal anyway. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
