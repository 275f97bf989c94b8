import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rates } from '../../../master/series/rates.ts';
import { resourcesAsked } from '../../../master/series/resources-asked.ts';
import { minutesKept, Series } from '../../../master/series/series.ts';
import { summed } from '../../../master/series/summed.ts';
import { quantityOf } from '../../../src/quantity.ts';

const room = 1 << 20;
const known = (values: readonly number[]) => values.map((value) => (Number.isNaN(value) ? null : value));

describe('series', () => {
  test('an hour is kept, and a minute of which nothing was told is not known', () => {
    const series = new Series(room);
    series.put('a', 'cpu', 100, 1);
    series.put('a', 'cpu', 102, 3);
    expect(known(series.values('a', 'cpu', 99, 103))).toEqual([null, 1, null, 3, null]);
    series.put('a', 'cpu', 160, 9);
    expect(known(series.values('a', 'cpu', 100, 102))).toEqual([null, null, 3]);
    expect(series.values('a', 'memory', 100, 101)).toEqual([Number.NaN, Number.NaN]);
  });

  test('equal a plain map of the last hour, for any values in any order', () => {
    const put = fc.record({ id: fc.constantFrom('a', 'b'), at: fc.nat(200), value: fc.nat(1000) });
    fc.assert(
      fc.property(fc.array(put, { maxLength: 80 }), (all) => {
        const series = new Series(room);
        const plain = new Map<string, Map<number, number>>();
        for (const { id, at, value } of all) {
          series.put(id, 'cpu', at, value);
          const of = plain.get(id) ?? new Map<number, number>();
          plain.set(id, of);
          const newest = Math.max(at, ...of.keys());
          if (at > newest - minutesKept) of.set(at, value);
          for (const each of of.keys()) if (each <= newest - minutesKept) of.delete(each);
        }
        for (const [id, of] of plain)
          expect(known(series.values(id, 'cpu', 0, 200))).toEqual(
            Array.from({ length: 201 }, (_, at) => of.get(at) ?? null),
          );
      }),
    );
  });

  test('their memory is bounded, what there is no room for is counted, and what is forgotten gives its room', () => {
    const series = new Series(340 * 10);
    for (let at = 0; at < 25; at++) series.put(`c${at}`, 'cpu', 1, at);
    expect(series.dropped).toBe(15);
    expect(series.of('c20')).toEqual([]);
    series.forget('c0');
    series.put('c20', 'cpu', 2, 7);
    expect(known(series.values('c20', 'cpu', 1, 2))).toEqual([null, 7]);
  });

  test('an hour of a container and a family takes less than a KiB', () => {
    const series = new Series(64 << 20);
    for (let at = 0; at < 30_000; at++) series.put(`Container:ns/pod-${at}/c`, 'cpu', 1, 1);
    expect(series.bytes / 30_000).toBeLessThan(512);
  });

  test('drops resources without new values', () => {
    const series = new Series(room);
    series.put('a', 'cpu', 1, 1);
    series.put('b', 'cpu', 50, 1);
    series.learn('a', { oomKills: 2 });
    series.expire(61);
    expect([series.of('a'), series.of('b'), series.facts('a')]).toEqual([[], ['cpu'], undefined]);
  });
});

describe('rates', () => {
  test('are what a counter grew by in a second', () => {
    const rates = new Rates();
    expect([rates.rate('a', 0, 10), rates.rate('a', 60_000, 40), rates.rate('a', 60_500, 41)]).toEqual([
      undefined,
      0.5,
      undefined,
    ]);
  });

  test('of a counter that began again, or was not read for long, there is none', () => {
    const rates = new Rates();
    rates.rate('a', 0, 10);
    expect(rates.rate('a', 60_000, 1)).toBeUndefined();
    expect(rates.rate('a', 120_000, 7)).toBe(0.1);
    expect(rates.rate('a', 9_000_000, 8)).toBeUndefined();
    rates.expire(99_000_000);
    expect(rates.rate('a', 99_060_000, 9)).toBeUndefined();
  });

  test('are never less than nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1e6), fc.nat(1e6))), (readings) => {
        const rates = new Rates();
        for (const [at, value] of readings) expect(rates.rate('a', at, value) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

test.each([
  ['250m', 0.25],
  ['1.5Gi', 1.5 * 2 ** 30],
  ['128Mi', 2 ** 27],
  ['1e3', 1000],
  ['2E', 2e18],
  ['500k', 500_000],
  [3, 3],
  ['.5', 0.5],
  ['1.', 1],
  ['', undefined],
  ['-1', undefined],
  ['1mi', undefined],
  ['12 Gi', undefined],
  [null, undefined],
  [Number.POSITIVE_INFINITY, undefined],
])('the quantity %s is %s', (text, value) => {
  expect(quantityOf(text)).toBe(value);
});

test('what is asked for is read where it is set, and nothing is made of other shapes', () => {
  const spec = { resources: { requests: { cpu: '100m' }, limits: { cpu: 1, memory: '64Mi' } } };
  expect(resourcesAsked(spec)).toEqual({ requests: { cpu: 0.1 }, limits: { cpu: 1, memory: 2 ** 26 } });
  for (const odd of [undefined, null, [], { resources: 7 }, { resources: { requests: [1] } }])
    expect(resourcesAsked(odd)).toEqual({ requests: {}, limits: {} });
});

test('sums are over what is known, and not known where nothing is', () => {
  const { NaN: none } = Number;
  expect(
    known(
      summed([
        [1, none, none],
        [2, 5, none],
      ]),
    ),
  ).toEqual([3, 5, null]);
  expect(summed([])).toEqual([]);
});
