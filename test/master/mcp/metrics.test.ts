// Metrics by a tool: those of REST, summarised, with a note if there are none.
import { expect, test } from 'vitest';
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

test('without metrics, says so', async () => {
  const { app, store } = createTestApp();
  store.sinkOf(kindNamed('Pod')).event('ADDED', structuredClone(pod) as never);
  const { text, structured } = await call(app, 'metrics', { id: 'Pod:shop/web-0' });
  expect(structured.total).toBe(0);
  expect(text).toContain('no source provides any: see insight://completeness');
  await app.close();
});
