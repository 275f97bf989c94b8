import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { progressOn, whileShowing } from '../../../cli/print/progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function terminal(isTTY: boolean) {
  const texts: string[] = [];
  return { texts, stream: { isTTY, columns: 20, write: (text: string) => texts.push(text) } };
}

test('a long read says how far it is, on a terminal alone, and leaves nothing behind', async () => {
  const { texts, stream } = terminal(true);
  const { promise, resolve } = Promise.withResolvers<string>();
  let kinds = 0;
  const answer = whileShowing(progressOn(stream), () => `reading: ${++kinds} of 80 kinds`, promise);
  await vi.advanceTimersByTimeAsync(900);
  expect(texts).toEqual([]);
  await vi.advanceTimersByTimeAsync(400);
  expect(texts).toEqual(['\r\u001b[Kreading: 1 of 80 ki', '\r\u001b[Kreading: 2 of 80 ki']);
  resolve('done');
  expect(await answer).toBe('done');
  expect(texts.at(-1)).toBe('\r\u001b[K');
  await vi.advanceTimersByTimeAsync(5000);
  expect(texts).toHaveLength(3);
});

test('shows nothing for quick work, or without a terminal', async () => {
  const quick = terminal(true);
  await whileShowing(progressOn(quick.stream), () => 'reading', Promise.resolve());
  const file = terminal(false);
  const slow = whileShowing(progressOn(file.stream), () => 'reading', new Promise((end) => setTimeout(end, 5000)));
  await vi.advanceTimersByTimeAsync(6000);
  await slow;
  expect([quick.texts, file.texts]).toEqual([[], []]);
});

test('a read that fails takes its line away, too', async () => {
  const { texts, stream } = terminal(true);
  const { promise, reject } = Promise.withResolvers<never>();
  const failed = whileShowing(progressOn(stream), () => 'reading\nit', promise).catch(String);
  await vi.advanceTimersByTimeAsync(1100);
  reject(new Error('cut'));
  expect(await failed).toBe('Error: cut');
  expect(texts).toEqual(['\r\u001b[Kreading\\u000ait', '\r\u001b[K']);
});
