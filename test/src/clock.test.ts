import { expect, test, vi } from 'vitest';
import { type Clock, type MonotonicClock, monotonicClock, timestampOf, type WallTime } from '../../src/clock.ts';

test('a timestamp is RFC 3339 UTC with milliseconds, also on the whole second', () => {
  expect(timestampOf(0)).toBe('1970-01-01T00:00:00.000Z');
  expect(timestampOf(Date.UTC(2026, 10, 20, 16, 58, 32, 123))).toBe('2026-11-20T16:58:32.123Z');
});

test('a wall clock is not taken for a monotonic one, nor the other way round', () => {
  const monotonic = (clock: MonotonicClock) => clock();
  const wall = (clock: Clock) => timestampOf(clock());
  // @ts-expect-error The wall clock tells no age.
  monotonic(Date.now);
  // @ts-expect-error Nor does what was read off it.
  monotonic((): WallTime => 0);
  // @ts-expect-error The monotonic clock tells no date.
  wall(monotonicClock);
  expect(wall(() => 0)).toBe('1970-01-01T00:00:00.000Z');
});

test('the monotonic clock is unaffected by setting the wall clock', () => {
  const before = monotonicClock();
  vi.spyOn(Date, 'now').mockReturnValue(0);
  const later = monotonicClock();
  vi.restoreAllMocks();
  expect(later).toBeGreaterThanOrEqual(before);
  expect(later - before).toBeLessThan(60_000);
});
