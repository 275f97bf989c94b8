// Due times: the earliest first, each key once.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueTimes } from '../../../../master/findings/kept/due-times.ts';

test('keys are returned in order of time, once each, at their earliest time', () => {
  const one = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), at: fc.nat(20), drop: fc.boolean() });
  fc.assert(
    fc.property(fc.array(one), fc.nat(25), (said, now) => {
      const times = new DueTimes();
      const model = new Map<string, number>();
      for (const { key, at, drop } of said) {
        if (drop) {
          times.drop(key);
          model.delete(key);
        } else {
          times.add(key, at);
          model.set(key, Math.min(at, model.get(key) ?? at));
        }
      }
      const due = [...model].filter(([, at]) => at <= now);
      const taken = [...times.take(now)];
      expect(taken.toSorted()).toEqual(due.map(([key]) => key).toSorted());
      expect(taken.map((key) => model.get(key))).toEqual(due.map(([, at]) => at).toSorted((a, b) => a - b));
      const left = [...model.values()].filter((at) => at > now);
      expect(times.next()).toBe(left.length > 0 ? Math.min(...left) : undefined);
      expect(times.size).toBe(left.length);
    }),
  );
});
