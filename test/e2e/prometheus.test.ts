// Remote write to a real Prometheus from Debian's package.
import { Counter, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { openMetricsOut } from '../../src/shipping/metrics-out.ts';
import type { Point } from '../../src/shipping/points.ts';
import { prometheusHere, type RealPrometheus, startPrometheus } from '../support/prometheus.ts';

const isHere = prometheusHere() !== undefined;

describe.skipIf(!isHere)(`a real Prometheus${isHere ? '' : ' (not installed)'}`, () => {
  let prometheus: RealPrometheus;
  beforeAll(async () => {
    prometheus = await startPrometheus('{}\n', '--web.enable-remote-write-receiver');
  }, 90_000);
  afterAll(() => prometheus?.close());
  const query = (text: string) => prometheus.query(text);

  test('accepts the points of each minute, and answers rates', async () => {
    const registry = new Registry();
    const counter = new Counter({ name: 'asked_total', help: 'h', labelNames: ['path'], registers: [registry] });
    const now = Date.now();
    const labels = { namespace: 'shop', pod: 'web-0', container: 'a "b"\\c, {d}\nё', node: 'n1' };
    const points: Point[] = [3, 2, 1, 0].map((ago) => ({
      name: 'container_cpu_usage_seconds_total',
      labels,
      value: 100 - ago * 30,
      at: now - ago * 60_000,
      counter: true,
    }));
    counter.inc({ path: '/cluster' }, 5);
    const config = { remoteWriteUrl: `${prometheus.url}/api/v1/write`, metricsPeriod: 3_600_000, clusterName: 'c1' };
    const out = await openMetricsOut({ config, mode: 'master', registry, take: () => points, logger: silentLogger });
    await out?.send();
    await out?.close();
    expect(await query('asked_total')).toEqual([
      { __name__: 'asked_total', cluster: 'c1', job: 'cluster-insight-master', path: '/cluster', value: '5' },
    ]);
    expect(await query('container_cpu_usage_seconds_total')).toEqual([
      { __name__: 'container_cpu_usage_seconds_total', cluster: 'c1', ...labels, value: '100' },
    ]);
    const [rate] = await query('rate(container_cpu_usage_seconds_total[5m])');
    expect(Number(rate?.value)).toBeGreaterThan(0.2);
    expect(await registry.metrics()).toMatch(/points_total\{to="remote_write",result="refused"\} 0\n/);
  });
});
