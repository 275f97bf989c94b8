import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OomKills, recentFor } from '../../../../master/sources/metrics/oom-kills.ts';

const start = Date.parse('2026-11-28T10:00:00Z');
const minute = 60_000;

function world() {
  const kills = new OomKills();
  let now = start;
  const take = (counts: { readonly [id: string]: number }, after = minute, oom = 'running') => {
    now += after;
    const containers = Object.entries(counts).map(([id, oomKills]) => ({ id, numbers: {}, oomKills }));
    kills.take('n', { probes: { oom }, containers }, now);
    return Object.fromEntries(kills.of('n', now));
  };
  return { kills, take };
}

const told = (atLeast: number, minutes: number) => ({
  atLeast,
  since: new Date(start + minutes * minute).toISOString(),
});

describe('kills for memory', () => {
  test('of a first report are of unknown time; those after it are recent, also of a container that came meanwhile', () => {
    const { take } = world();
    expect(take({ a: 5, b: 0 })).toEqual({});
    expect(take({ a: 5, b: 2, c: 1 })).toEqual({ b: told(2, 2), c: told(1, 2) });
  });

  test('keep their beginning; the count follows in steps of ten times', () => {
    const { take } = world();
    take({});
    expect(take({ a: 2 })).toEqual({ a: told(2, 2) });
    expect(take({ a: 3 })).toEqual({ a: told(2, 2) });
    expect(take({ a: 19 })).toEqual({ a: told(2, 2) });
    expect(take({ a: 21 })).toEqual({ a: told(21, 2) });
  });

  test('are told for an hour after the last, and then begin afresh', () => {
    const { take } = world();
    take({});
    take({ a: 1 });
    expect(take({ a: 2 }, recentFor)).toEqual({ a: told(1, 2) });
    expect(take({ a: 2 }, recentFor)).toEqual({ a: told(1, 2) });
    expect(take({ a: 2 })).toEqual({});
    expect(take({ a: 3 })).toEqual({ a: told(1, 124) });
  });

  test.each([
    { of: 'a probe that did not run meanwhile', between: { after: minute, oom: 'needs control groups' } },
    { of: 'a minion that was silent for more than an hour', between: undefined },
  ])('after $of are not taken for recent', ({ between }) => {
    const { take } = world();
    take({ a: 1 });
    if (between) take({}, between.after, between.oom);
    expect(take({ a: 9, b: 4 }, between ? minute : recentFor + 1)).toEqual({});
    expect(take({ a: 10, b: 4 })).toMatchObject({ a: { atLeast: 1 } });
  });

  test('a counter that began again, or a container that was away for a moment, is no kill', () => {
    const { take } = world();
    take({ a: 7, b: 7 });
    expect(take({ a: 2 })).toEqual({});
    expect(take({ a: 2, b: 7 })).toEqual({});
    expect(take({ a: 3, b: 7 })).toMatchObject({ a: { atLeast: 1 } });
  });

  test('are forgotten with their node', () => {
    const { kills, take } = world();
    take({});
    take({ a: 1 });
    kills.forget('n');
    expect(kills.of('n', start)).toEqual(new Map());
    expect(take({ a: 2 })).toEqual({});
  });

  test('what is told is never more than was counted, and never less than a tenth of it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 }), (steps) => {
        const { take } = world();
        take({ a: 0 });
        let count = 0;
        for (const step of steps) {
          count += step;
          const { a } = take({ a: count });
          if (count === 0) expect(a).toBeUndefined();
          else {
            expect(a?.atLeast).toBeLessThanOrEqual(count);
            expect(a?.atLeast).toBeGreaterThan(count / 10);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
