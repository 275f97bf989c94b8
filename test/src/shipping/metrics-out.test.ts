import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { silentLogger } from '../../../src/logger.ts';
import { openMetricsOut } from '../../../src/shipping/metrics-out.ts';
import type { Point } from '../../../src/shipping/points.ts';
import { decodeRemoteWrite } from '../../support/remote-write-decoder.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function sink(answer: (nth: number) => { status: number; body?: string; after?: string }) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) });
      const { status, body = '', after } = answer(received.length);
      response.writeHead(status, after ? { 'retry-after': after } : {}).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function registryOf(): Registry {
  const registry = new Registry();
  new Counter({ name: 'asked_total', help: 'h', labelNames: ['verb'], registers: [registry] }).inc({ verb: 'get' }, 7);
  new Gauge({ name: 'open', help: 'h', registers: [registry] }).set(1.5);
  new Histogram({ name: 'lag_seconds', help: 'h', buckets: [1, 2], registers: [registry] }).observe(1.25);
  return registry;
}

const at = 1_800_000_000_000;
const measured: Point[] = [
  {
    name: 'container_memory_rss',
    labels: { namespace: 'shop', pod: 'web', container: 'web' },
    value: 4096,
    at,
    counter: false,
  },
];
const usual = { metricsPeriod: 3_600_000, clusterName: 'c1' };

test('remote write gets the registry and what is measured, named, with the cluster', async () => {
  const { received, url } = await sink(() => ({ status: 204 }));
  const registry = registryOf();
  const out = await openMetricsOut({
    config: { ...usual, remoteWriteUrl: `${url}/api/v1/write` },
    mode: 'master',
    registry,
    take: () => measured,
    logger: silentLogger,
  });
  await out?.send();
  await out?.close();
  expect(received.map(({ path }) => path)).toEqual(['/api/v1/write']);
  const series = decodeRemoteWrite(received[0]?.body ?? Buffer.of());
  const valueOf = (labels: object) => {
    const wanted = JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    return series.find((each) => JSON.stringify(each.labels) === wanted)?.samples;
  };
  const own = { cluster: 'c1', job: 'cluster-insight-master' };
  expect(valueOf({ ...own, __name__: 'asked_total', verb: 'get' })).toEqual([{ value: 7, at: expect.any(Number) }]);
  expect(valueOf({ ...own, __name__: 'open' })?.[0]?.value).toBe(1.5);
  expect(valueOf({ ...own, __name__: 'lag_seconds_bucket', le: '2' })?.[0]?.value).toBe(1);
  expect(valueOf({ ...own, __name__: 'lag_seconds_sum' })?.[0]?.value).toBe(1.25);
  expect(
    valueOf({ cluster: 'c1', __name__: 'container_memory_rss', namespace: 'shop', pod: 'web', container: 'web' }),
  ).toEqual([{ value: 4096, at }]);
  const metrics = await registry.metrics();
  expect(metrics).toMatch(/cluster_insight_points_total\{to="remote_write",result="sent"\} \d+/);
});

test('a collector gets the same as OTLP: counters as cumulative sums, the rest as gauges', async () => {
  const { received, url } = await sink(() => ({
    status: 200,
    body: '{"partialSuccess":{"rejectedDataPoints":"1","errorMessage":"old"}}',
  }));
  const registry = registryOf();
  const out = await openMetricsOut({
    config: { ...usual, otlpEndpoint: url },
    mode: 'actor',
    registry,
    take: () => measured,
    logger: silentLogger,
  });
  await out?.send();
  await out?.close();
  expect(received[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'content-encoding': 'gzip' });
  expect(received[0]?.path).toBe('/v1/metrics');
  const { resourceMetrics } = JSON.parse(gunzipSync(received[0]?.body ?? Buffer.of()).toString());
  expect(resourceMetrics[0].resource.attributes).toContainEqual({
    key: 'service.name',
    value: { stringValue: 'cluster-insight-actor' },
  });
  const metrics = resourceMetrics[0].scopeMetrics[0].metrics as {
    name: string;
    sum?: { dataPoints: object[] };
    gauge?: { dataPoints: object[] };
  }[];
  const named = (name: string) => metrics.find((each) => each.name === name);
  expect(named('asked_total')?.sum).toMatchObject({
    aggregationTemporality: 2,
    isMonotonic: true,
    dataPoints: [{ asDouble: 7 }],
  });
  expect(named('container_memory_rss')?.gauge?.dataPoints).toMatchObject([
    { asDouble: 4096, timeUnixNano: `${at}000000` },
  ]);
  expect(await registry.metrics()).toMatch(/cluster_insight_points_total\{to="otlp",result="refused"\} 1\n/);
});

test('a receiver that refuses is not asked again, and one that is busy is', async () => {
  const answers = [
    { status: 429, after: '0' },
    { status: 500 },
    { status: 400, body: 'out of order' },
    { status: 200 },
  ];
  const { received, url } = await sink((nth) => answers[nth - 1] ?? { status: 200 });
  const out = await openMetricsOut({
    config: { ...usual, remoteWriteUrl: url },
    mode: 'master',
    registry: new Registry(),
    take: () => measured,
    logger: silentLogger,
  });
  await out?.send();
  await expect.poll(() => received.length, { timeout: 20_000 }).toBe(3);
  await out?.send();
  await expect.poll(() => received.length, { timeout: 20_000 }).toBe(4);
  expect(received[1]?.body).toEqual(received[0]?.body);
  expect(received[2]?.body).toEqual(received[0]?.body);
  await out?.close();
});

test('sends nothing without an endpoint, and reports an invalid URL', async () => {
  const about = { mode: 'master', registry: new Registry(), logger: silentLogger };
  expect(await openMetricsOut({ ...about, config: usual })).toBeUndefined();
  for (const url of ['receiver:9090', 'ftp://x/y', 'http://me:secret@x/'])
    await expect(openMetricsOut({ ...about, config: { ...usual, remoteWriteUrl: url } })).rejects.toMatchObject({
      code: 'bad_setting',
    });
});
