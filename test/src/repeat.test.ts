import { expect, test, vi } from 'vitest';
import type { Logger } from '../../src/logger.ts';
import { repeat } from '../../src/repeat.ts';

test('what fails is logged and done again; nothing is thrown', async () => {
  vi.useFakeTimers();
  const error = vi.fn<(facts: object, text: string) => void>();
  let times = 0;
  const works: (() => void | Promise<void>)[] = [
    () => {
      throw new Error('EMFILE: too many open files');
    },
    () => Promise.reject(new Error('later')),
    () => undefined,
  ];
  const stop = repeat(1000, () => works[times++ % 3]?.(), { error } as unknown as Pick<Logger, 'error'>);
  await vi.advanceTimersByTimeAsync(5000);
  expect([times, error.mock.calls.length]).toEqual([5, 4]);
  stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(times).toBe(5);
  vi.useRealTimers();
});
