import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { late } from '../../ui/late.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a part that cannot be loaded is tried again until it can be', async () => {
  const load = vi.fn<() => Promise<string>>();
  load.mockRejectedValueOnce(new Error('away')).mockRejectedValueOnce(new Error('away')).mockResolvedValue('there');
  const part = late('tried-again', load);
  await vi.advanceTimersByTimeAsync(2_999);
  expect(load).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(await part).toBe('there');
  expect(load).toHaveBeenCalledTimes(3);
});

test('a master that is away for long is not asked more and more often', async () => {
  const load = vi.fn<() => Promise<string>>(() => Promise.reject(new Error('away')));
  void late('away-for-long', load);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(load.mock.calls.length).toBeLessThan(50);
});

test('a part that is asked for at each drawing is loaded once', async () => {
  const load = vi.fn<() => Promise<string>>(() => Promise.resolve('there'));
  expect(await Promise.all([late('once', load), late('once', load)])).toEqual(['there', 'there']);
  expect(await late('once', load)).toBe('there');
  expect(load).toHaveBeenCalledTimes(1);
});
