// Metrics by a tool: those of REST, summarised, with a note if there are none.
import { expect, test } from 'vitest';
import type { PastNumbers, PastQuestion } from '../../../master/series/past-numbers.ts';
import type { SeriesReader } from '../../../master/series/series.ts';
import { createTestApp } from '../../support/app.ts';
import { call, saidIn } from '../../support/mcp-call.ts';
import { kindNamed } from '../../support/random-cluster.ts';

const spec = { containers: [{ name: 'app', resources: { requests: { cpu: '250m' } } }] };
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-0', namespace: 'shop', uid: 'u' }, spec };

test('metrics tells last, mean and highest of what REST has, with requests', async () => {
  const series = {
    ids: () => ['Container:shop/web-0/app'],
    of: (id: string) => (id === 'Container:shop/web-0/app' ? ['cpu', 'memory'] : []),
    values: (_id: string, name: string, from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => (i % 2 > 0 ? Number.NaN : name === 'cpu' ? i / 10 : 1000 + i)),
    facts: () => undefined,
  } as unknown as SeriesReader;
  const { app, store } = createTestApp({ series, now: () => 1_700_000_000_000 });
  store.sinkOf(kindNamed('Pod')).event('ADDED', structuredClone(pod) as never);
  const id = 'Pod:shop/web-0';
  const { text, structured } = await call(app, 'metrics', { id, range: '4m' });
  const { resources } = (await app.inject(`/cluster/metrics?of=${id}&range=4m`)).json<{
    resources: Record<
      string,
      { families: Record<string, { unit: string; last: number; values: (number | null)[] }>; requests: object }
    >;
  }>();
  const { families = {}, requests } = resources[id] ?? {};
  expect(structured.rows.map(({ name }) => name)).toEqual(Object.keys(families));
  expect(structured.rows.length).toBe(2);
  for (const row of structured.rows) {
    const { unit, last, values = [] } = families[String(row.name)] ?? {};
    const known = values.filter((value) => value !== null);
    expect(row).toMatchObject({ unit, last, highest: Math.max(...known) });
    expect(row.mean).toBeCloseTo(known.reduce((sum, value) => sum + value, 0) / known.length, 3);
    for (const said of saidIn(row)) expect(text).toContain(said);
  }
  expect(structured.summary.requests).toEqual(requests);
  await app.close();
});

test('longer and older times are those of the Prometheus that REST asks, and a follower says that it has none', async () => {
  const asked: PastQuestion[] = [];
  const prometheus: PastNumbers = {
    async ask(question) {
      asked.push(question);
      const values = (_id: string, _name: string, from: number, to: number) =>
        Array.from({ length: to - from + 1 }, () => 2);
      return { partly: 'a warning of it', known: 1, of: () => ['cpu'], values, facts: () => ({ by: 'prometheus' }) };
    },
  };
  const about = { now: () => Date.parse('2026-11-20T10:00:30Z') };
  const { app, store } = createTestApp({ ...about, prometheus });
  store.sinkOf(kindNamed('Pod')).event('ADDED', structuredClone(pod) as never);
  const id = 'Pod:shop/web-0';
  for (const more of [{ range: '7d' }, { at: '2026-11-01T00:00:00Z' }, {}]) {
    const { structured } = await call(app, 'metrics', { id, ...more });
    expect(structured.rows).toEqual([{ name: 'cpu', unit: 'cores', last: 2, mean: 2, highest: 2 }]);
    expect(structured.summary).toMatchObject({ source: 'prometheus', unknown: 'a warning of it' });
  }
  expect(asked.map(({ step }) => step)).toEqual([3_600_000, 60_000, 60_000]);
  await app.close();
  const follower = createTestApp({ ...about, clusters: () => [] });
  follower.store.sinkOf(kindNamed('Pod')).event('ADDED', structuredClone(pod) as never);
  const { text, isError } = await call(follower.app, 'metrics', { id, range: '7d' });
  expect([isError, text]).toEqual([true, expect.stringContaining('the master of a cluster does')]);
  await follower.app.close();
});

test('without metrics, says so', async () => {
  const { app, store } = createTestApp();
  store.sinkOf(kindNamed('Pod')).event('ADDED', structuredClone(pod) as never);
  const { text, structured } = await call(app, 'metrics', { id: 'Pod:shop/web-0' });
  expect(structured.total).toBe(0);
  expect(text).toContain('no source provides any: see insight://completeness');
  await app.close();
});
