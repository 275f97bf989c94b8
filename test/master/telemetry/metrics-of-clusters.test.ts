import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { metricsOfClusters } from '../../../master/telemetry/metrics-of-clusters.ts';

function measured(): Registry {
  const registry = new Registry();
  const registers = [registry];
  const seconds = new Histogram({ name: 'seconds', help: 's', labelNames: ['cluster'], buckets: [1], registers });
  const total = new Counter({ name: 'total', help: 't', labelNames: ['role', 'cluster'], registers });
  new Gauge({ name: 'alone', help: 'a', registers }).set(7);
  for (const cluster of ['eu', 'us']) {
    seconds.observe({ cluster }, 0.5);
    total.inc({ cluster, role: 'master' });
  }
  return registry;
}

test('samples of other clusters are left out of gauges, counters and histograms alike', async () => {
  const text = await metricsOfClusters(measured(), (cluster) => cluster === 'eu').metrics();
  expect(text).not.toContain('"us"');
  expect(text).toContain('total{cluster="eu",role="master"} 1');
  expect(text).toMatch(/seconds_bucket\{(?=[^}]*le="1")(?=[^}]*cluster="eu")[^}]*\} 1/);
  expect(text).toContain('seconds_count{cluster="eu"} 1');
  expect(text).toContain('alone 7');
});

test('with every cluster allowed, all samples are there', async () => {
  const registry = measured();
  const sorted = (text: string) =>
    text
      .split('\n')
      .map((line) => line.replace(/\{(.*)\}/, (_, labels: string) => labels.split(',').sort().join()))
      .sort();
  expect(sorted(await metricsOfClusters(registry, () => true).metrics())).toEqual(sorted(await registry.metrics()));
});

test('what is counted later is read as well', async () => {
  const registry = measured();
  const part = metricsOfClusters(registry, (cluster) => cluster === 'new');
  (registry.getSingleMetric('total') as Counter).inc({ cluster: 'new', role: 'actor' }, 3);
  expect(await part.metrics()).toContain('total{cluster="new",role="actor"} 3');
});
