// An export that connects to a gateway, once and following: the gateway serves the cluster as the export read it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { start as startExport } from '../../../master/export/start.ts';
import { Enrolments } from '../../../master/gateway/enrolments.ts';
import { start as startGateway } from '../../../master/gateway/start.ts';
import { type ApiServer, startApiServer } from '../../../src/demo/api-server.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { Running } from '../../../src/mode.ts';
import { readConfig } from '../../../src/settings/config.ts';
import { ask } from '../../support/http.ts';

const patient = { timeout: 30_000, interval: 50 };
let folder: string;
let server: ApiServer;
let gateway: Running;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ci-export-agent-'));
  server = await startApiServer();
  for (const name of ['kube-system', 'shop'])
    server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  put('first');
  writeFileSync(join(folder, 'config'), JSON.stringify(server.kubeconfig()));
  writeFileSync(join(folder, 'secret'), new Enrolments(join(folder, 'enrolments')).enrol('east', 'default').secret);
  const flags = ['--port=0', '--history=off', '--drain=1s', `--enrolments=${join(folder, 'enrolments')}`];
  gateway = await startGateway({ config: readConfig({}, ['gateway', ...flags]), logger: silentLogger });
});
afterEach(async () => {
  await gateway.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

function put(name: string): void {
  const metadata = { name, namespace: 'shop' };
  const spec = { containers: [{ name: 'main', image: 'shop:1' }] };
  server.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec });
}

const config = (...flags: string[]) =>
  readConfig({}, [
    ...['export', `--kubeconfig=${join(folder, 'config')}`, '--gateway-cluster=east', ...flags],
    ...[`--gateway=${gateway.url.replace(/^http/, 'ws')}`, `--gateway-secret-file=${join(folder, 'secret')}`],
  ]);
const served = async () => (await ask(`${gateway.url}/cluster?cluster=east&type=Pod`)).text;

test('one run ends when the gateway has all of it, which goes on serving it and says since when it is stale', async () => {
  const { ended } = await startExport({ config: config(), logger: silentLogger });
  expect(await ended).toBe(0);
  await expect.poll(served, patient).toContain('"id":"Pod:shop/first"');
  expect((await ask(`${gateway.url}/clusters`)).text).toContain('"name":"east"');
});

test('one that follows tells what changes, until it is ended', async () => {
  const running = await startExport({ config: config('--follow'), logger: silentLogger });
  await expect.poll(served, patient).toContain('"id":"Pod:shop/first"');
  put('second');
  await expect.poll(served, patient).toContain('"id":"Pod:shop/second"');
  await running.close();
  expect(await running.ended).toBe(0);
});

test.each([
  ['another destination', '--to=-', /two destinations/],
  ['pages of the collector', '--protocol=collector', /takes no pages/],
  ['a dry run', '--dry-run', /exclude each other/],
])('%s beside a gateway is refused before anything is read', async (_, flag, words) => {
  await expect(startExport({ config: config(flag), logger: silentLogger })).rejects.toThrow(words);
  expect(server.requests.entries()).toEqual([]);
});
