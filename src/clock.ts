// Time as the program sees it: passed in, so that tests choose it. Two types, which the compiler does not take for each
// other: the wall clock is set by people and by NTP, back as well as forth, and may tell no age; the monotonic clock only
// goes forward, and tells no date.
import type { Timestamp } from './model.ts';

declare const reading: unique symbol;

/** Milliseconds since the epoch: for timestamps. */
export type WallTime = number & { readonly [reading]?: 'wall' };
/** Milliseconds since some moment of this process: for ages and deadlines. */
export type MonotonicTime = number & { readonly [reading]: 'monotonic' };

export type Clock = () => WallTime;
export type MonotonicClock = () => MonotonicTime;

export const monotonicClock: MonotonicClock = () => performance.now() as MonotonicTime;

/** What both are needed for. */
export interface Clocks {
  /** Dates that others wrote. */
  readonly wall: Clock;
  /** Ages. */
  readonly monotonic: MonotonicClock;
}

export const systemClocks: Clocks = { wall: Date.now, monotonic: monotonicClock };

/** `ms` later. */
export function after(moment: MonotonicTime, ms: number): MonotonicTime {
  return (moment + ms) as MonotonicTime;
}

/** RFC 3339 UTC with milliseconds. */
export function timestampOf(ms: WallTime): Timestamp {
  return new Date(ms).toISOString();
}
