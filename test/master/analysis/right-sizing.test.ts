import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leastMinutes, rightSizing as sizingOf, spanOfMinutes } from '../../../master/analysis/right-sizing.ts';
import type { ResourcesAsked } from '../../../master/series/resources-asked.ts';
import { type MeasuredContainer, type UsageWindow, usageOf } from '../../../master/series/usage.ts';
import { quantityOf } from '../../../src/quantity.ts';

const Mi = 2 ** 20;
const rightSizing = (all: readonly MeasuredContainer[], asked: ResourcesAsked, window?: UsageWindow) =>
  sizingOf(usageOf(all, window), asked);
const flat = (value: number, minutes = 60) =>
  Array.from({ length: 60 }, (_, at) => (at < 60 - minutes ? Number.NaN : value));
const measured = (more: Partial<MeasuredContainer> = {}): MeasuredContainer => ({
  cpu: flat(0.1),
  cpuThrottled: [],
  memory: flat(50 * Mi),
  oomKills: 0,
  ...more,
});
const asked = (requests: object = {}, limits: object = {}) => ({ requests, limits });
const fitting = asked({ cpu: 0.13, memory: 60 * Mi }, { memory: 100 * Mi });

test('what fits is left alone', () => {
  expect(rightSizing([measured()], fitting).facts).toEqual([]);
});

const cases: readonly [string, Partial<MeasuredContainer>, ReturnType<typeof asked>, string, string, string][] = [
  ['a request far above what is used', {}, asked({ cpu: 2, memory: 60 * Mi }), 'requests.cpu', 'too-much', '120m'],
  ['a request below what is used', { cpu: flat(0.5) }, fitting, 'requests.cpu', 'too-little', '580m'],
  ['no request at all', {}, asked({ memory: 60 * Mi }), 'requests.cpu', 'absent', '120m'],
  ['next to no use', { cpu: flat(0.0001) }, asked({ cpu: 1, memory: 60 * Mi }), 'requests.cpu', 'too-much', '10m'],
  [
    'memory that was asked for and never used',
    {},
    asked({ cpu: 0.13, memory: 1024 * Mi }),
    'requests.memory',
    'too-much',
    '58Mi',
  ],
  [
    'memory near its limit',
    { memory: flat(95 * Mi) },
    asked({ cpu: 0.13, memory: 96 * Mi }, { memory: 100 * Mi }),
    'limits.memory',
    'too-little',
    '130Mi',
  ],
  ['a kill for memory', { oomKills: 2 }, fitting, 'limits.memory', 'too-little', '150Mi'],
  [
    'a limit that holds it up',
    { cpuThrottled: flat(0.2) },
    asked({ cpu: 0.13, memory: 60 * Mi }, { cpu: 0.2, memory: 100 * Mi }),
    'limits.cpu',
    'too-little',
    '390m',
  ],
];

test.each(cases)('%s is said with a value and the reason', (_what, more, spec, field, verdict, quantity) => {
  const { facts } = rightSizing([measured(more)], spec);
  const fact = facts.find((each) => each.field === field);
  expect(fact).toMatchObject({ verdict, quantity, why: expect.stringMatching(/\d/) });
  expect(quantityOf(fact?.quantity)).toBeCloseTo(fact?.proposed ?? 0, 3);
});

describe('what is not known', () => {
  test('proposes nothing, and says how little is known', () => {
    const few = measured({ cpu: flat(5, leastMinutes.own - 1), memory: flat(5, leastMinutes.own - 1) });
    expect(rightSizing([few], fitting)).toMatchObject({
      facts: [],
      minutes: leastMinutes.own - 1,
      unknown: '29 minutes are known, 30 are needed',
    });
    expect(rightSizing([], fitting)).toMatchObject({ facts: [], minutes: 0, used: {} });
  });

  test('is no reason to be silent about a kill for memory', () => {
    const few = measured({ cpu: flat(0.1, 3), memory: flat(90 * Mi, 3), oomKills: 1 });
    expect(rightSizing([few], asked({}, { memory: 64 * Mi })).facts.map(({ field }) => field)).toEqual([
      'limits.memory',
    ]);
  });

  test('of one resource says nothing of the other', () => {
    const { facts } = rightSizing([measured({ cpu: flat(Number.NaN), memory: flat(50 * Mi) })], asked({ cpu: 4 }));
    expect(facts.filter(({ field }) => field.endsWith('.cpu'))).toEqual([]);
  });
});

test('the peaks of one of several containers count for all', () => {
  const { used, containers } = rightSizing([measured(), measured({ memory: flat(200 * Mi) })], fitting);
  expect([containers, used.memory?.most]).toEqual([2, 200 * Mi]);
});

test('no proposal is below what was used, nor a request above its limit, whatever was measured', () => {
  const number = (max: number) => fc.double({ min: 0, max, noNaN: true });
  const minutes = (max: number) =>
    fc.array(fc.oneof(number(max), fc.constant(Number.NaN)), { minLength: 60, maxLength: 60 });
  const one = fc.record({ cpu: minutes(64), cpuThrottled: minutes(4), memory: minutes(2 ** 36), oomKills: fc.nat(3) });
  const amounts = fc.record(
    { cpu: number(64).filter((cpu) => cpu > 0.001), memory: number(2 ** 36).filter((bytes) => bytes > Mi) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 3 }), amounts, amounts, (all, requests, limits) => {
      const sound = { requests: { ...requests }, limits: { ...limits } };
      for (const name of ['cpu', 'memory'] as const)
        if ((sound.requests[name] ?? 0) > (sound.limits[name] ?? Number.POSITIVE_INFINITY)) delete sound.requests[name];
      const { facts, used } = rightSizing(all, sound);
      const after = (field: string, now: number | undefined) =>
        facts.find((each) => each.field === field)?.proposed ?? now;
      for (const { field, proposed } of facts) {
        expect(proposed).toBeGreaterThan(0);
        if (field === 'requests.cpu') expect(proposed).toBeGreaterThanOrEqual(used.cpu?.p95 ?? 0);
        if (field.endsWith('.memory')) expect(proposed).toBeGreaterThanOrEqual(used.memory?.most ?? 0);
      }
      for (const name of ['cpu', 'memory'] as const) {
        const [request, limit] = [
          after(`requests.${name}`, sound.requests[name]),
          after(`limits.${name}`, sound.limits[name]),
        ];
        if (request !== undefined && limit !== undefined) expect(request).toBeLessThanOrEqual(limit);
      }
      expect(new Set(facts.map(({ field }) => field)).size).toBe(facts.length);
    }),
    { numRuns: 200 },
  );
});

describe('of the weeks that a Prometheus keeps', () => {
  const week: UsageWindow = { source: 'prometheus', minutes: 7 * 1440, step: 15 };
  const steps = (value: number, count: number) => Array.from({ length: count }, () => value);
  const over = (count: number, more: Partial<MeasuredContainer> = {}) =>
    measured({ cpu: steps(0.1, count), memory: steps(50 * Mi, count), ...more });

  test('the reason says over what time, and the answer whose numbers they are', () => {
    const { facts, window } = rightSizing([over(672)], asked({ cpu: 2, memory: 1024 * Mi }), week);
    expect(window).toEqual(week);
    expect(facts.map(({ field, why }) => `${field}: ${why}`)).toEqual([
      'requests.cpu: in nineteen of twenty intervals of 15 minutes, over 7 d, it used at most 0.1 cores',
      'requests.memory: it held 50 MiB at most over 7 d',
    ]);
  });

  test('less than a day of them proposes nothing, unless no more was asked for', () => {
    const { facts, unknown } = rightSizing([over(20)], asked({ cpu: 2 }), week);
    expect([facts, unknown]).toEqual([[], '5 h of the last 7 d are known, 24 h are needed']);
    const short = rightSizing([over(20)], asked({ cpu: 2 }), { ...week, minutes: 300 });
    expect(short.facts.map(({ field }) => field)).toContain('requests.cpu');
  });

  test('where only periods say how long a limit held it up, a quarter of them is much', () => {
    const spec = asked({ cpu: 0.13, memory: 60 * Mi }, { cpu: 0.2, memory: 100 * Mi });
    const sized = (throttledPeriods: number) =>
      sizingOf({ ...usageOf([over(672)], week), throttledPeriods }, spec).facts.map(({ why }) => why);
    expect(sized(0.3)).toEqual(['its limit held it up in 30 % of its scheduling periods']);
    expect(sized(0.2)).toEqual([]);
  });
});

test('a kind of number that is known for a few minutes proposes nothing beside one that is known for an hour', () => {
  const some = measured({ cpu: flat(0.1, 3), memory: flat(50 * Mi) });
  const fields = rightSizing([some], asked({ cpu: 4, memory: 1024 * Mi })).facts.map(({ field }) => field);
  expect(fields).toEqual(['requests.memory']);
});

test.each([
  [45, '45 min'],
  [90, '90 min'],
  [300, '5 h'],
  [1440, '24 h'],
  [10_080, '7 d'],
])('%i minutes are %s', (minutes, text) => {
  expect(spanOfMinutes(minutes)).toBe(text);
});
