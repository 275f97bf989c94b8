// The metrics of a master and a minion, checked by Prometheus' tool from Debian's package.
import { spawnSync } from 'node:child_process';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../minion/metrics.ts';
import { metrics } from '../../minion/probes/metrics.ts';
import { expose } from '../../minion/telemetry/exposition.ts';
import { startDemoMaster } from '../support/demo-master.ts';
import { prometheusHere } from '../support/prometheus.ts';

/** Its complaints; empty if there are none. */
function complaints(text: string): string {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  return status === 0 ? `${stdout}${stderr}` : `${status}: ${stdout}${stderr}`;
}

describe.skipIf(prometheusHere() === undefined)('promtool check metrics', () => {
  test('complains where there is something to complain of', () => {
    expect(complaints('# TYPE a counter\na 1\n')).not.toBe('');
  });

  test('has no complaint of a master', async () => {
    const master = await startDemoMaster();
    await (await fetch(`${master.url}/cluster?type=Pod`)).text();
    const text = await (await fetch(`${master.url}/metrics`)).text();
    await master.close();
    expect(text).toContain('cluster_insight_resources');
    expect(complaints(text)).toBe('');
  });

  test('has no complaint of a minion and every metric of its probes, whatever labels hold', async () => {
    const minion = createMetrics();
    const container = { name: '/k8s/shop/web-0/app' };
    const odd = 'a "b"\\c, {d}\nё';
    const samples = Object.entries(metrics).map(([metric, { labels }]) => ({
      ...{ metric, container: metric.startsWith('container_') ? container : undefined, value: 1.5 },
      labels: Object.fromEntries(labels.map((label: string) => [label, odd])),
    }));
    const registry = new Registry();
    expose({ registry, prefix: '', machineId: 'm1', collected: () => ({ samples }) as never });
    const text = `${await minion.text()}\n${await registry.metrics()}`;
    expect(text).toContain('container_net_tcp_failed_connects_total{');
    expect(complaints(text)).toBe('');
  });
});
