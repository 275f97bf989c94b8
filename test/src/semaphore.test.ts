import { expect, test } from 'vitest';
import { createSemaphore } from '../../src/semaphore.ts';

const { signal } = new AbortController();

test('lets so many in, and the others in their order as places come free', async () => {
  const semaphore = createSemaphore(2);
  const entered: number[] = [];
  const first = await semaphore.acquire(signal);
  await semaphore.acquire(signal);
  const waiting = [1, 2].map((i) => semaphore.acquire(signal).then((release) => (entered.push(i), release)));
  expect(entered).toEqual([]);
  first();
  first();
  const second = await waiting[0];
  expect(entered).toEqual([1]);
  second?.();
  await waiting[1];
  expect(entered).toEqual([1, 2]);
});

test('who gives up waiting takes no place', async () => {
  const semaphore = createSemaphore(1);
  const release = await semaphore.acquire(signal);
  const impatient = new AbortController();
  const given = semaphore.acquire(impatient.signal);
  const patient = semaphore.acquire(signal);
  impatient.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  release();
  await patient;
  await expect(semaphore.acquire(impatient.signal)).rejects.toThrow('enough');
});
