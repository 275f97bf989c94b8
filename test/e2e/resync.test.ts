// A master as a process that is asked to list everything again: by POST, by a signal, by an annotation.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import { eventually } from '../support/engines/daemon.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';

let server: ApiServer;
let folder: string;
let master: Program;

const namespace = 'insight';
const owned = (kind: string, name: string) => ({ ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: name }] });
const deployment = (annotations: { readonly [name: string]: string }) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'master', namespace, uid: 'master', annotations },
});

beforeAll(async () => {
  server = await startApiServer();
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  server.create(deployment({ 'cluster-insight.io/resync': 'of old' }));
  server.create({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'master-7d9', namespace, uid: 'master-7d9', ...owned('Deployment', 'master') },
  });
  server.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'master-7d9-x', namespace, ...owned('ReplicaSet', 'master-7d9') },
  });
  folder = mkdtempSync(join(tmpdir(), 'resync-'));
  const KUBECONFIG = join(folder, 'config');
  writeFileSync(KUBECONFIG, JSON.stringify(server.kubeconfig()));
  const own = { CLUSTER_INSIGHT_POD_NAME: 'master-7d9-x', CLUSTER_INSIGHT_POD_NAMESPACE: namespace };
  master = await startProgram({ args: ['master', '--minions', 'off'], env: { KUBECONFIG, ...own } });
  await eventually('it to be ready', 60_000, async () => (await fetch(`${master.url}/readyz`)).ok);
});
afterEach(() => server.clearFaults());
afterAll(async () => {
  endPrograms();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const lists = () => server.requests.count('list namespaces');
const times = (words: string) => master.words().split(words).length - 1;

test('POST answers when everything was listed again', async () => {
  const before = lists();
  const answer = await fetch(`${master.url}/cluster/resync`, { method: 'POST' });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ success: true, listed: expect.any(Number) as number, failed: {} });
  expect(lists()).toBeGreaterThan(before);
  expect((await fetch(`${master.url}/cluster`)).status).toBe(200);
});

test('SIGHUP does the same, and does not end the process', async () => {
  const before = lists();
  master.child.kill('SIGHUP');
  await eventually('it to be listed', 20_000, () => times('SIGHUP asks') === 1 && lists() > before);
  expect((await fetch(`${master.url}/readyz`)).status).toBe(200);
});

test('another value of the annotation does the same', async () => {
  let value = 0;
  // It is checked every few seconds, and its first value triggers nothing.
  await eventually('it to be asked', 30_000, () => {
    server.update(deployment({ 'cluster-insight.io/resync': String(value++) }));
    return times('the annotation cluster-insight.io/resync asks') > 0;
  });
  expect(times('everything was listed again')).toBeGreaterThan(0);
});

test('a resync while the API server fails reports the failed kinds, and their objects stay', async () => {
  server.fault({ path: '/api/v1/namespaces', effect: 'status', code: 500, times: 50 });
  const { failed } = (await (await fetch(`${master.url}/cluster/resync`, { method: 'POST' })).json()) as {
    readonly failed: { readonly [type: string]: string };
  };
  expect(Object.keys(failed)).toContain('Namespace');
  const graph = (await (await fetch(`${master.url}/cluster?type=Namespace`)).json()) as {
    readonly resources: readonly { readonly id: string }[];
  };
  expect(graph.resources.map(({ id }) => id)).toContain(`Namespace:${namespace}`);
});
