// Time as the program sees it: passed in, so that tests choose it.
import type { Timestamp } from './model.ts';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** RFC 3339 UTC with milliseconds. */
export function timestampOf(ms: number): Timestamp {
  return new Date(ms).toISOString();
}
