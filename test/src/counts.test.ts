// Counts of many keys and their sum.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Counts } from '../../src/counts.ts';

test('the sum and the keys are those of the last counts', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 9 })), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (all) => {
      const counts = new Counts<number>();
      const last = new Map<number, number>();
      for (const [key, count] of all) {
        expect(counts.set(key, count)).toBe((last.get(key) ?? 0) !== count);
        last.set(key, count);
      }
      const kept = [...last].filter(([, count]) => count > 0);
      expect(counts.sum).toBe(kept.reduce((sum, [, count]) => sum + count, 0));
      expect(new Set(counts.keys())).toEqual(new Set(kept.map(([key]) => key)));
      expect(counts.size).toBe(kept.length);
    }),
  );
});
