import { expect, test } from 'vitest';
import { WholeAnswers } from '../../../master/compression/whole-answers.ts';
import type { MonotonicTime } from '../../../src/clock.ts';

const part = (size = 100) => Buffer.alloc(size, 'x');

/** An answer that is read part by part, as slow readers do. */
function reading(wholes: WholeAnswers, key: string, tag: string, parts = [part(), part()]) {
  const noting = wholes.of(key, tag, 'a').noting(asTheyCome(parts));
  return {
    next: () => noting.next(),
    leave: () => noting.return(undefined),
    async end() {
      for await (const _part of noting);
    },
  };
}

async function* asTheyCome(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts;
}

test('an answer is kept once it is sent to its end, for the same question and validator', async () => {
  const wholes = new WholeAnswers(10_000);
  const reader = reading(wholes, 'q', '"1"');
  await reader.next();
  expect(wholes.of('q', '"1"', 'a').parts).toBeUndefined();
  await reader.end();
  expect(wholes.of('q', '"1"', 'a').parts).toHaveLength(2);
  expect(wholes.of('q', '"2"', 'a').parts).toBeUndefined();
  expect(wholes.of('r', '"1"', 'a').parts).toBeUndefined();
});

test('readers that stop in the middle hold no more than the bound together, whatever they ask', async () => {
  const wholes = new WholeAnswers(10_000);
  const parts = Array.from({ length: 8 }, () => part(500));
  const stuck = Array.from({ length: 100 }, (_, n) => reading(wholes, `q${n % 50}`, '"1"', parts));
  for (const reader of stuck) for (let n = 0; n < 7; n++) await reader.next();
  expect(wholes.noted).toBeGreaterThan(0);
  expect(wholes.noted).toBeLessThanOrEqual(10_000);
  for (const reader of stuck) await reader.leave();
  expect(wholes.noted).toBe(0);
  await reading(wholes, 'q', '"1"', parts).end();
  expect(wholes.of('q', '"1"', 'a').parts).toHaveLength(8);
});

test('many who ask the same at once note it once', async () => {
  const wholes = new WholeAnswers(10_000);
  const readers = Array.from({ length: 20 }, () => reading(wholes, 'q', '"1"'));
  for (const reader of readers) await reader.next();
  expect(wholes.noted).toBe(100);
  await Promise.all(readers.map((reader) => reader.end()));
  expect(wholes.of('q', '"1"', 'a').parts).toHaveLength(2);
});

test('one who stops in the middle does not keep others from noting the answer', async () => {
  let now = 0;
  const wholes = new WholeAnswers(2_000, () => now as MonotonicTime);
  const [stuck, other] = [
    reading(wholes, 'q', '"1"', [part(800), part(10)]),
    reading(wholes, 'r', '"1"', [part(1_000)]),
  ];
  await stuck.next();
  await other.next();
  now += 3_000;
  await reading(wholes, 'q', '"1"', [part(700), part(700), part(100)]).end();
  expect(wholes.of('q', '"1"', 'a').parts).toHaveLength(3);
  await stuck.end();
  await other.end();
  expect(wholes.of('q', '"1"', 'a').parts).toHaveLength(3);
  expect(wholes.of('r', '"1"', 'a').parts).toBeUndefined();
});

test('one who is done late does not take the place of a newer answer', async () => {
  const wholes = new WholeAnswers(10_000);
  const slow = reading(wholes, 'q', '"1"');
  await slow.next();
  await reading(wholes, 'q', '"2"').end();
  await slow.end();
  expect(wholes.of('q', '"2"', 'a').parts).toHaveLength(2);
});

test('an answer that is larger than the bound is passed on and not kept', async () => {
  const wholes = new WholeAnswers(1_000);
  const noting = wholes.of('q', '"1"', 'a').noting(asTheyCome([part(600), part(600), part(10)]));
  let bytes = 0;
  for await (const each of noting) bytes += each.length;
  expect([bytes, wholes.noted, wholes.bytes]).toEqual([1_210, 0, 0]);
});
