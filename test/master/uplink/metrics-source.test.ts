import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MetricsReceiver } from '../../../master/gateway/metrics-receiver.ts';
import { Series } from '../../../master/series/series.ts';
import { bodiesOf, MetricsSource } from '../../../master/uplink/metrics-source.ts';
import type { MetricsBody } from '../../../src/gateway-protocol/metrics-body.ts';
import type { Publisher } from '../../../src/uplink/source.ts';
import { createVirtualTime } from '../../support/virtual-time.ts';

const minute = 60_000;

function receive(receiver: MetricsReceiver, body: unknown): void {
  receiver.take({ n: 1, at: 0, body: JSON.parse(JSON.stringify(body)) as unknown });
}

test('the other side has the same values of each minute', () => {
  const points = fc.array(
    fc.record({
      id: fc.constantFrom('Pod:a/b', 'Node:n', 'Container:a/b/c', '__proto__'),
      family: fc.constantFrom('cpu', 'memory', 'toString'),
      value: fc.float({ noNaN: true, noDefaultInfinity: true }),
    }),
  );
  fc.assert(
    fc.property(points, fc.integer({ min: 100, max: 1e6 }), (list, at) => {
      const [here, there] = [new Series(1 << 20), new Series(1 << 20)];
      for (const { id, family, value } of list) here.put(id, family, at, value);
      here.put('Pod:old', 'cpu', at - 1, 1);
      const receiver = new MetricsReceiver(there);
      for (const body of bodiesOf(here, at)) receive(receiver, body);
      const values = (series: Series, id: string, family: string) => series.values(id, family, at, at)[0] ?? Number.NaN;
      for (const { id, family } of list) {
        const [told, heard] = [values(here, id, family), values(there, id, family)];
        expect(Math.abs(told - heard)).toBeLessThanOrEqual(Math.abs(told) * 1e-6 + 1e-44);
      }
      expect([...there.ids()]).not.toContain('Pod:old');
    }),
  );
});

test('many resources are told in records of a thousand', () => {
  const series = new Series(64 << 20);
  for (let i = 0; i < 2_500; i++) series.put(`Pod:${i}`, 'cpu', 7, i);
  const bodies = [...bodiesOf(series, 7)];
  expect(bodies.map(({ resources }) => resources.length)).toEqual([1_000, 1_000, 500]);
  expect([...bodiesOf(series, 8)]).toEqual([]);
});

test('each minute is told once, half a minute after its end, on the tick for an hour', async () => {
  const time = createVirtualTime(1_700_000_000_000);
  const series = new Series(1 << 20);
  const told: { at: number; body: MetricsBody }[] = [];
  const publish = async (_: string, body: unknown) => told.push({ at: time.clock(), body: body as MetricsBody });
  const source = new MetricsSource({
    publisher: { publish } as unknown as Publisher,
    series,
    wall: time.clock,
    sleep: time.sleep,
  });
  const first = Math.floor(time.clock() / minute);
  for (let i = 0; i < 61; i++) {
    series.put('Node:a', 'cpu', Math.floor(time.clock() / minute), i);
    await time.advance(minute);
  }
  expect(told.length).toBeGreaterThanOrEqual(59);
  expect(new Set(told.map(({ body }) => body.minute)).size).toBe(told.length);
  for (const { at, body } of told) expect(at).toBe((body.minute + 1) * minute + 30_000);
  expect(told[0]?.body.minute).toBe(first);
  const closed = source.close();
  await time.advance(1);
  await closed;
});

test.each([
  ['nothing', undefined],
  ['a text', 'x'],
  ['no resources', { minute: 1, families: [] }],
  ['a number that is none', { minute: 1, families: ['cpu'], resources: [['a', [0, 'x']]] }],
  ['a minute that is none', { minute: 1.5, families: [], resources: [] }],
  ['a minute of the far future', { minute: 1e12, families: [], resources: [] }],
])('a body of %s is refused', (_, body) => {
  expect(() => new MetricsReceiver(new Series(1 << 20)).take({ n: 1, at: 0, body })).toThrow(/Invalid request/);
});

test('places of families that are not there are left out', () => {
  const series = new Series(1 << 20);
  const body = { minute: 5, families: ['cpu'], resources: [['a', [0, 1, 9, 2, -1, 3, 0.5, 4, 0]]] };
  receive(new MetricsReceiver(series), body);
  expect(series.of('a')).toEqual(['cpu']);
  expect(series.values('a', 'cpu', 5, 5)).toEqual([1]);
});
