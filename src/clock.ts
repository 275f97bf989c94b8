// Clocks, passed in so that tests can control them. The two types do not mix: the wall clock is adjusted by people and NTP
// in both directions and must not measure ages; the monotonic clock only advances and knows no date.
import type { Timestamp } from './model.ts';

declare const reading: unique symbol;

/** Milliseconds since the epoch: for timestamps. */
export type WallTime = number & { readonly [reading]?: 'wall' };
/** Milliseconds since some moment of this process: for ages and deadlines. */
export type MonotonicTime = number & { readonly [reading]: 'monotonic' };

export type Clock = () => WallTime;
export type MonotonicClock = () => MonotonicTime;

export const monotonicClock: MonotonicClock = () => performance.now() as MonotonicTime;

/** For code that needs both. */
export interface Clocks {
  /** For dates from elsewhere. */
  readonly wall: Clock;
  /** For ages. */
  readonly monotonic: MonotonicClock;
}

export const systemClocks: Clocks = { wall: Date.now, monotonic: monotonicClock };

/**
 * Never goes back: where the clock was set back, it stands still until that has caught up. For what is recorded and for questions about it:
 * nothing may be added to a moment that was told already.
 */
export function steadyClock(clock: Clock): Clock {
  let latest = Number.NEGATIVE_INFINITY;
  return () => (latest = Math.max(latest, clock()));
}

/** `ms` later. */
export function after(moment: MonotonicTime, ms: number): MonotonicTime {
  return (moment + ms) as MonotonicTime;
}

let last: { readonly ms: number; readonly text: Timestamp } = { ms: 0, text: new Date(0).toISOString() };

/** RFC 3339 UTC with milliseconds. Many transactions share one: the last is kept. */
export function timestampOf(ms: WallTime): Timestamp {
  if (last.ms !== ms) last = { ms, text: new Date(ms).toISOString() };
  return last.text;
}
