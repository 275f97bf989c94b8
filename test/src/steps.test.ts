import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { every, sortedInSteps } from '../../src/steps.ts';
import { finish } from '../support/steps.ts';

describe('sorting in steps', () => {
  const pairs = fc.array(fc.tuple(fc.nat(50), fc.nat()), { maxLength: 5000, size: 'max' });

  it('is sorting, equal ones in the order they came in', () => {
    const byFirst = ([a]: readonly number[], [b]: readonly number[]) => (a as number) - (b as number);
    let interrupted = 0;
    fc.assert(
      fc.property(pairs, (items) => {
        const before = [...items];
        expect(finish(sortedInSteps(items, byFirst), () => interrupted++)).toEqual(items.toSorted(byFirst));
        expect(items).toEqual(before);
      }),
      { numRuns: 30 },
    );
    expect(interrupted).toBeGreaterThan(30);
  });

  it('of nothing is nothing', () => {
    expect(finish(sortedInSteps([], () => 0))).toEqual([]);
  });
});

it('every so many times is true so often', () => {
  const third = every(3);
  expect(Array.from({ length: 7 }, third)).toEqual([false, false, true, false, false, true, false]);
});
