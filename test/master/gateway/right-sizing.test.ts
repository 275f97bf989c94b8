// From metrics to a change and back: a cluster's metrics reach the gateway, which proposes larger requests; the proposal is
// shown, approved and carried out by the cluster's actor, and reverted if the Pods do not become ready.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SizingAction } from '../../../master/analysis/sizing-action.ts';
import type { Finding } from '../../../master/findings/contract.ts';
import { comeUp, containerOf, getStuck, named } from '../../support/acting.ts';
import { insight } from '../../support/command-line.ts';
import { type GatewayActing, startGatewayActing } from '../../support/gateway-acting.ts';
import { ask } from '../../support/http.ts';
import { measureWeb } from '../../support/measured-web.ts';
import { startToldCluster, type ToldCluster } from '../../support/told-cluster.ts';

const patient = { timeout: 30_000, interval: 50 };
let acting: GatewayActing;
let cluster: ToldCluster;
beforeEach(async () => {
  acting = await startGatewayActing();
  cluster = await startToldCluster(acting.uplinkFlags(), (told) => measureWeb(acting.web, told));
});
afterEach(async () => {
  await cluster.close();
  await acting.close();
});

async function sizing(): Promise<{ readonly workloads: readonly { readonly action?: SizingAction }[] }> {
  const { text } = await ask(`${acting.gateway.url}/cluster/right-sizing?cluster=east&root=Deployment:shop/web`);
  return JSON.parse(text) as { workloads: { action?: SizingAction }[] };
}

async function findings(): Promise<Finding[]> {
  const { text } = await ask(`${acting.gateway.url}/cluster/findings?cluster=east&name=resources-missized`);
  return (JSON.parse(text) as { findings?: Finding[] }).findings ?? [];
}

const resources = () => containerOf(acting.server.get(named('Deployment', 'web'))).resources;

test('a container near its limit is found, and what is proposed for it executed by one command; a bad one is rolled back', async () => {
  await expect.poll(async () => (await sizing()).workloads?.[0]?.action, patient).toBeDefined();
  const { workloads } = await sizing();
  expect(workloads[0]?.action).toMatchObject({
    target: { kind: 'Deployment', namespace: 'shop', name: 'web', uid: acting.web.metadata.uid, container: 'web' },
    expected: { limits: { memory: '64Mi' }, requests: { memory: null } },
    wanted: { limits: { memory: '81Mi' }, requests: { memory: '72Mi' } },
  });
  expect(JSON.parse((await ask(`${acting.gateway.url}/clusters`)).text).clusters).toMatchObject([
    { name: 'east', actor: 'connected' },
  ]);
  await expect.poll(async () => (await findings()).length, patient).toBe(1);
  const [finding] = await findings();
  expect(finding).toMatchObject({
    class: 'risk',
    severity: 'medium',
    resource: 'Deployment:shop/web',
    affected: { count: 3 },
  });
  expect(finding?.sentence).toMatch(/limits\.memory 64Mi → 81Mi: it held 62 MiB of 64 MiB/);

  const file = join(acting.folder, 'sizing.json');
  writeFileSync(file, JSON.stringify({ success: true, workloads }));
  const apply = (...more: string[]) =>
    insight([
      'apply-action',
      '-f',
      file,
      '--cluster',
      'east',
      '--server',
      acting.gateway.url,
      '--token',
      'alice',
      ...more,
    ]);
  const shown = await apply();
  expect(shown).toMatchObject({ status: 0, err: '' });
  expect(shown.out).toMatch(
    /set-resources of Deployment shop\/web: dry-run\n.*\n.*limits\.memory\s+64Mi\s+81Mi\n.*requests\.memory\s+-\s+72Mi\n$/,
  );
  expect(acting.patches()).toEqual([]);
  const timer = setInterval(() => comeUp(acting.server, 'Deployment', 'web'), 30);
  const done = await apply('--approve').finally(() => clearInterval(timer));
  expect(done).toMatchObject({ status: 0, err: '' });
  expect(done.out).toMatch(/: executed\n$/);
  expect(resources()).toMatchObject({ limits: { cpu: '200m', memory: '81Mi' } });
  const audited = readFileSync(acting.auditFile, 'utf8');
  expect(audited).toMatch(/"verb":"patch".*"purpose":"carry out an action","dryRun":false,"status":200/);

  // The master has not seen the new values, so its proposal's condition no longer holds.
  writeFileSync(file, JSON.stringify({ ...workloads[0]?.action, id: 'again' }));
  expect((await apply('--approve')).out).toMatch(/refused: .*memory is \d+Mi, expected .* \(changed\)\n$/);
  acting.rollOutWithin(2);
  writeFileSync(
    file,
    JSON.stringify({ ...workloads[0]?.action, id: 'stuck', expected: {}, wanted: { limits: { memory: '90Mi' } } }),
  );
  const sticking = setInterval(() => getStuck(acting.server, 'Deployment', 'web'), 30);
  const back = await apply('--approve').finally(() => clearInterval(sticking));
  expect(back.status).toBe(1);
  expect(back.out).toMatch(/rolled-back: it did not come up within 2 s/);
  expect(resources()).toEqual({ requests: { cpu: '100m', memory: '72Mi' }, limits: { cpu: '200m', memory: '81Mi' } });
});
