import fc from 'fast-check';
import { expect, test } from 'vitest';
import { amountText, drawn, type ResourceNumbers, shortText, usageOf } from '../../ui/numbers.ts';

test('amounts are read in their units', () => {
  expect([amountText(0.0727, 'cores'), amountText(2, 'cores'), amountText(0.025, 'seconds/second')]).toEqual([
    '0.073 cores',
    '2 cores',
    '2.5 %',
  ]);
  expect([amountText(0, 'bytes'), amountText(1536, 'bytes'), amountText(108_352_120, 'bytes')]).toEqual([
    '0 B',
    '1.5 KiB',
    '103 MiB',
  ]);
  expect(amountText(94_598, 'bytes/second')).toBe('92 KiB/s');
  expect([shortText({ cpu: 0.12, memory: 2 ** 27 }), shortText({ memory: 2 ** 30 }), shortText({})]).toEqual([
    '120m 128Mi',
    '1Gi',
    '',
  ]);
});

test('a line stays within its frame, and a minute of which nothing is known is a gap', () => {
  const value = fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }));
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 70 }),
      fc.array(fc.double({ min: 0, max: 1e12, noNaN: true })),
      (all, marks) => {
        const { lines, yOf } = drawn(all, marks, 190, 34);
        const stretches = all.filter((each, n) => each !== null && (n === 0 || all[n - 1] === null)).length;
        expect(lines.length).toBe(stretches);
        for (const [, x, y] of lines.join(' ').matchAll(/[ML](\S+?) ([\d.]+)/g)) {
          expect(Number(x)).toBeGreaterThanOrEqual(0);
          expect(Number(x)).toBeLessThanOrEqual(190);
          expect(Number(y)).toBeGreaterThanOrEqual(1);
          expect(Number(y)).toBeLessThanOrEqual(33);
        }
        for (const mark of marks) expect(yOf(mark)).toBeGreaterThanOrEqual(1);
      },
    ),
  );
});

test('what a card uses is the sum over its members that have numbers; without any it is unknown, not nothing', () => {
  const numbers = (cpu: number | null, memory?: number): ResourceNumbers => ({
    families: {
      cpu: { unit: 'cores', last: cpu, values: [] },
      ...(memory === undefined ? {} : { memory: { unit: 'bytes', last: memory, values: [] } }),
    },
    requests: {},
    limits: {},
  });
  const known = new Map([
    ['a', numbers(0.1, 10)],
    ['b', numbers(0.2)],
    ['c', numbers(null)],
  ]);
  expect(usageOf(['a', 'b', 'pod'], known)).toEqual({ cpu: expect.closeTo(0.3), memory: 10 });
  expect(usageOf(['c'], known)).toBeUndefined();
  expect(usageOf(['pod'], known)).toBeUndefined();
});
