// What is sent by remote write, taken by a real Prometheus. Debian's package has it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Counter, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { openMetricsOut } from '../../src/shipping/metrics-out.ts';
import type { Point } from '../../src/shipping/points.ts';
import { eventually } from '../support/engines/daemon.ts';
import { ask } from '../support/http.ts';

function found(): string | undefined {
  try {
    execFileSync('prometheus', ['--version'], { stdio: 'ignore' });
    return 'prometheus';
  } catch {
    return process.env['CI'] === 'true' ? 'prometheus' : undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const program = found();

describe.skipIf(program === undefined)(`a real Prometheus${program === undefined ? ' (not installed)' : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  let url: string;
  let child: ChildProcess;
  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    writeFileSync(join(folder, 'prometheus.yml'), '{}\n');
    const flags = ['--web.enable-remote-write-receiver', `--web.listen-address=127.0.0.1:${port}`];
    const places = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`];
    child = spawn(program ?? '', [...flags, ...places], { stdio: 'ignore' });
    await eventually('Prometheus to be ready', 60_000, () =>
      ask(`${url}/-/ready`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  });
  afterAll(async () => {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  const query = async (text: string) => {
    const { text: answer } = await ask(`${url}/api/v1/query?query=${encodeURIComponent(text)}`);
    const { data } = JSON.parse(answer) as { data: { result: { metric: object; value: [number, string] }[] } };
    return data.result.map(({ metric, value }) => ({ ...metric, value: value[1] }));
  };

  test('takes what is sent, minute by minute, and answers rates of it', async () => {
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
    const config = { remoteWriteUrl: `${url}/api/v1/write`, metricsPeriod: 3_600_000, clusterName: 'c1' };
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
