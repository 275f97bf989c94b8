import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBackoff, sleep } from '../../src/backoff.ts';

test('waits double up to the cap, and begin again after a reset', () => {
  const backoff = createBackoff({ base: 100, cap: 1000, random: () => 1 });
  const waits = Array.from({ length: 6 }, () => backoff.next());
  expect(waits).toEqual([100, 200, 400, 800, 1000, 1000]);
  backoff.reset();
  expect(backoff.next()).toBe(100);
});

test('a wait is between half its ceiling and its ceiling, whatever chance says', () => {
  const settings = fc.record({ base: fc.integer({ min: 2, max: 5000 }), cap: fc.integer({ min: 2, max: 60_000 }) });
  const chances = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(settings, chances, ({ base, cap }, drawn) => {
      const left = [...drawn];
      const backoff = createBackoff({ base, cap, random: () => left.shift() ?? 0 });
      drawn.forEach((_chance, i) => {
        const ceiling = Math.min(cap, base * 2 ** i);
        const wait = backoff.next();
        expect(wait).toBeGreaterThanOrEqual(Math.floor(ceiling / 2));
        expect(wait).toBeLessThanOrEqual(ceiling);
      });
    }),
  );
});

test('sleep ends at once, without an error, when its signal aborts or has aborted', async () => {
  const ending = new AbortController();
  const sleeping = sleep(3_600_000, ending.signal);
  ending.abort();
  await expect(sleeping).resolves.toBeUndefined();
  await expect(sleep(3_600_000, ending.signal)).resolves.toBeUndefined();
});

test('sleep ends after its time', async () => {
  await expect(sleep(1, new AbortController().signal)).resolves.toBeUndefined();
});
