import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createDemandIndex,
  isBare,
  placesAt,
  placesFor,
  prune,
  visitFor,
} from '../../../../master/graph/engine/demand-index.ts';
import type { Demand } from '../../../../master/graph/model/label-selector.ts';

const key = fc.constantFrom('app', 'tier');
const value = fc.constantFrom('x', 'y');
const demand: fc.Arbitrary<Demand | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.record({ key }),
  fc.record({ key, values: fc.uniqueArray(value, { minLength: 1, maxLength: 2 }) }),
);
const labels = fc.dictionary(key, value, { noNullPrototype: true });

/** Whether labels may satisfy what is filed under a demand. */
function mayMeet(of: { readonly [key: string]: string }, wanted: Demand | undefined): boolean {
  if (!wanted) return true;
  const own = of[wanted.key];
  return own !== undefined && (wanted.values?.includes(own) ?? true);
}

describe('entries filed under a label that they need', () => {
  it('are found by labels that may satisfy them, and by no others', () => {
    fc.assert(
      fc.property(fc.array(demand), labels, (demands, of) => {
        const index = createDemandIndex<Set<number>>();
        demands.forEach((each, i) => placesFor(index, each, () => new Set<number>()).forEach((place) => place.add(i)));
        const found = new Set<number>();
        visitFor(index, of, (place) => place.forEach((i) => found.add(i)));
        const expected = demands.flatMap((each, i) => (mayMeet(of, each) ? [i] : []));
        expect([...found].toSorted((a, b) => a - b)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('leave nothing behind once all are gone, and the index is bare then alone', () => {
    fc.assert(
      fc.property(fc.array(demand, { minLength: 1 }), (demands) => {
        const index = createDemandIndex<Set<number>>();
        expect(isBare(index)).toBe(true);
        demands.forEach((each, i) => placesFor(index, each, () => new Set<number>()).forEach((place) => place.add(i)));
        for (const [i, each] of demands.entries()) {
          expect(isBare(index)).toBe(false);
          expect(placesAt(index, each).every((place) => place.has(i))).toBe(true);
          for (const place of placesAt(index, each)) place.delete(i);
          prune(index, each, (place) => place.size === 0);
        }
        expect(isBare(index)).toBe(true);
      }),
    );
  });
});
