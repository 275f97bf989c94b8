import { expect, test } from 'vitest';
import { Recent } from '../../src/recent.ts';

function counting() {
  let now = 0;
  let made = 0;
  const recent = new Recent<number>(() => now);
  return {
    recent,
    pass: (ms: number) => void (now += ms),
    make: (ms: number) => async () => {
      now += ms;
      return ++made;
    },
  };
}

test('the same version is made once, however long ago', async () => {
  const { recent, pass, make } = counting();
  expect(await recent.of('a', '1', make(1))).toBe(1);
  pass(60_000);
  expect(await recent.of('a', '1', make(1))).toBe(1);
  expect(await recent.of('b', '1', make(1))).toBe(2);
});

test('what is made quickly is made for each version', async () => {
  const { recent, make } = counting();
  expect(await recent.of('a', '1', make(1))).toBe(1);
  expect(await recent.of('a', '2', make(1))).toBe(2);
});

test('what takes long serves later versions for a second', async () => {
  const { recent, pass, make } = counting();
  expect(await recent.of('a', '1', make(30))).toBe(1);
  pass(900);
  expect(await recent.of('a', '2', make(30))).toBe(1);
  pass(200);
  expect(await recent.of('a', '3', make(30))).toBe(2);
});

test('a failure is not kept', async () => {
  const { recent, make } = counting();
  await expect(recent.of('a', '1', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await recent.of('a', '1', make(1))).toBe(1);
});
