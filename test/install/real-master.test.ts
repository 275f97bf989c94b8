// install.sh with a real master over the cluster that it installs on, with a real minion's answers, tokens of that cluster, and
// the rights of the account that it created.
import { afterEach, expect, test } from 'vitest';
import { start } from '../../master/start.ts';
import type { User } from '../../src/demo/api-server.ts';
import { createEngine, type Engine } from '../../src/demo/engine.ts';
import { syncEngine } from '../../src/demo/nodes.ts';
import { seedObjects } from '../../src/demo/seed/index.ts';
import { demoNodes } from '../../src/demo/seed/nodes.ts';
import { silentLogger } from '../../src/logger.ts';
import type { Running } from '../../src/mode.ts';
import { readConfig } from '../../src/settings/config.ts';
import { eventually } from '../support/engines/daemon.ts';
import { masterRules } from '../support/granted-master.ts';
import { installing, type Place } from '../support/installing.ts';
import { composed } from '../support/manifests.ts';

const administrator: User = {
  username: 'administrator',
  groups: ['system:masters', 'system:authenticated'],
  token: 'admin',
  rules: [],
};
const account: User = {
  username: 'system:serviceaccount:cluster-insight:cluster-insight-master',
  groups: ['system:serviceaccounts', 'system:authenticated'],
  token: 'account',
  rules: masterRules(composed(['base', 'rbac/cluster'])),
};

let place: Place;
let running: Running | undefined;
let engine: Engine | undefined;

afterEach(async () => {
  await running?.close();
  await engine?.stop();
  await place.close();
  running = undefined;
  engine = undefined;
});

const [node] = demoNodes;

/** The cluster contains the demo's objects and the runtime of one node. */
async function startMaster({ withMinion = true } = {}): Promise<Running> {
  place = await installing([], [administrator, account]);
  for (const object of seedObjects()) place.api.create(object);
  engine = createEngine({ version: node?.runtimeVersion ?? '' });
  syncEngine(engine, node?.name ?? '', place.api.list('pods'));
  await engine.start();
  const { url } = engine;
  if (!withMinion) await engine.stop();
  const args = ['master', '--port', '0', '--kubeconfig', place.kubeconfig('account'), '--auth', 'kubernetes'];
  const minions = ['--minions', `${node?.name}=${url}`, '--refresh', '1s'];
  running = await start({ config: readConfig({}, [...args, ...minions]), logger: silentLogger });
  return running;
}

async function haveMinion(url: string): Promise<void> {
  await eventually('the minion to have answered', 30_000, async () => {
    const answer = await fetch(`${url}/cluster?type=Cluster&completeness=full`, {
      headers: { authorization: 'Bearer account' },
    });
    const { completeness } = (await answer.json()) as {
      completeness?: { minions?: { [node: string]: { state: string } } };
    };
    return completeness?.minions?.[node?.name ?? '']?.state === 'synced';
  });
}

test('the running service is ready, says what it lacks, and shows the containers of a node', async () => {
  const { url } = await startMaster();
  await haveMinion(url);
  place.serveFrom(url, 'account');
  const { status, stderr } = await place.run('install.sh', ['--timeout', '60']);
  expect(stderr).not.toContain('note  the Service');
  expect(stderr).toMatch(/ok {4}\d\d kinds are read/);
  expect(stderr).toMatch(/not granted, and left out: .*Secret/);
  expect(stderr).toContain('1 minions answer');
  expect(stderr).toMatch(/ok {4}Node:\S+ runs [1-9]\d* containers/);
  expect(status).toBe(0);
});

test('install.sh fails where the service refuses the account', async () => {
  const { url } = await startMaster();
  place.serveFrom(url, 'forged');
  const { status, stderr } = await place.run('install.sh', ['--timeout', '2']);
  expect(stderr).toContain('answers 401');
  expect(status).toBe(9);
});

test('minions that do not answer are named', async () => {
  const { url } = await startMaster({ withMinion: false });
  await eventually('the first sync', 30_000, async () => (await fetch(`${url}/readyz`)).ok);
  place.serveFrom(url, 'account');
  const { status, stderr } = await place.run('install.sh', ['--timeout', '2']);
  expect(stderr).toContain('0 minions answer');
  expect(stderr).toContain(`no answer yet from the minions of: ${node?.name}`);
  expect(stderr).toMatch(/ok {4}Node:\S+ runs [1-9]\d* containers/);
  expect(status).toBe(0);
});
