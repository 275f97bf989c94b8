import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueTimes } from '../../../../master/alerts/states/due-times.ts';

test('keys are returned in order of time, once each, at their last time', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.option(fc.integer({ min: 0, max: 100 }))), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 100 }), (given, now) => {
      const times = new DueTimes();
      const expected = new Map<string, number>();
      for (const [key, at] of given) {
        times.set(`${key}`, at ?? undefined);
        if (at === null) expected.delete(`${key}`);
        else expected.set(`${key}`, at);
      }
      expect(times.size).toBe(expected.size);
      expect(times.next()).toBe(expected.size === 0 ? undefined : Math.min(...expected.values()));
      const taken: string[] = [];
      for (let key = times.take(now); key !== undefined; key = times.take(now)) taken.push(key);
      const due = [...expected].filter(([, at]) => at <= now).sort(([a, t], [b, u]) => t - u || (a < b ? -1 : 1));
      expect(taken).toEqual(due.map(([key]) => key));
      expect(times.size).toBe(expected.size - due.length);
    }),
  );
});

test('places that were given up do not pile up', () => {
  const times = new DueTimes();
  for (let at = 0; at < 100_000; at++) times.set('one', at);
  expect(times.take(99_998)).toBeUndefined();
  expect(times.take(99_999)).toBe('one');
  expect(times.next()).toBeUndefined();
});
