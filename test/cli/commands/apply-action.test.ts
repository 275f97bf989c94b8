// The command with an actor that is installed in the cluster: found by its label, reached by a port-forward with the user's own token.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { start } from '../../../actor/start.ts';
import { type ApiServer, startApiServer } from '../../../src/demo/api-server.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { Running } from '../../../src/mode.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { readConfig } from '../../../src/settings/config.ts';
import { containerOf, document, getStuck, named, openPolicy, users, workload } from '../../support/acting.ts';
import { insightHere } from '../../support/command-here.ts';
import { folderOf } from '../../support/command-line.ts';

let server: ApiServer;
let actor: Running;
let web: KubernetesObject;
const folder = folderOf({});
const place: { url?: string } = {};

const reaching = [
  {
    verbs: ['get', 'list'],
    apiGroups: [''],
    resources: ['services', 'pods', 'services/proxy'],
    namespaces: ['cluster-insight'],
  },
  { verbs: ['get'], apiGroups: [''], resources: ['pods/portforward'], namespaces: ['cluster-insight'] },
];

beforeAll(async () => {
  const all = users.map((user) => (user.token === 'actor' ? user : { ...user, rules: [...user.rules, ...reaching] }));
  server = await startApiServer({
    users: all,
    forward: (_kind, namespace) => (namespace === 'cluster-insight' ? place.url : undefined),
  });
  for (const name of ['shop', 'cluster-insight'])
    server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  web = workload(server);
  mkdirSync(join(folder, 'ledger'));
  writeFileSync(join(folder, 'config'), JSON.stringify(server.kubeconfig({ token: 'actor' })));
  writeFileSync(join(folder, 'policy.yaml'), JSON.stringify({ ...openPolicy, within: 1 }));
  const flags = [
    `--kubeconfig=${join(folder, 'config')}`,
    `--actor-dir=${join(folder, 'ledger')}`,
    `--actor-policy=${join(folder, 'policy.yaml')}`,
  ];
  actor = await start({ config: readConfig({}, ['actor', '--port=0', '--audit=off', ...flags]), logger: silentLogger });
  place.url = actor.url;
});
afterAll(async () => {
  await actor.close();
  await server.stop();
});

function install(): void {
  const labels = { 'app.kubernetes.io/part-of': 'cluster-insight', 'app.kubernetes.io/component': 'actor' };
  const metadata = { name: 'cluster-insight-actor', namespace: 'cluster-insight', labels };
  server.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { ports: [{ port: 4245, targetPort: 'http' }], selector: labels },
  });
  server.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: 'cluster-insight-actor-0' },
    spec: { containers: [{ name: 'actor', ports: [{ name: 'http', containerPort: 4245 }] }] },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
}

function apply(token: string, action: object, ...more: string[]) {
  const files = folderOf({
    'action.json': JSON.stringify(action),
    config: JSON.stringify(server.kubeconfig({ token })),
  });
  return insightHere([
    'apply-action',
    '-f',
    join(files, 'action.json'),
    '--kubeconfig',
    join(files, 'config'),
    ...more,
  ]);
}

const real = () => server.requests.entries().filter(({ method, url }) => method === 'PATCH' && !url.includes('dryRun'));

test('where no actor is installed, that is said, and where to read on', async () => {
  expect(await apply('alice', document({ now: Date.now }, web))).toMatchObject({
    status: 3,
    err: expect.stringContaining('absent unless installed'),
  });
});

test('an action is shown, refused to a caller who may not approve it, and carried out for one who may', async () => {
  install();
  const action = document({ now: Date.now }, web, { id: 'shown' });
  const service = ['--service', 'cluster-insight/cluster-insight-actor'];
  const shown = await apply('bob', action, ...service);
  expect(shown).toMatchObject({ status: 0, err: '' });
  expect(shown.out).toMatch(
    /^shown: set-resources of Deployment shop\/web: dry-run\n.*\n.*limits\.cpu\s+200m\s+250m\n$/,
  );
  expect(await apply('bob', action, ...service, '--approve')).toMatchObject({
    status: 3,
    err: expect.stringContaining('bob may not patch'),
  });
  expect(real()).toEqual([]);
  const timer = setInterval(() => getStuck(server, 'Deployment', 'web'), 50);
  const done = await apply('alice', action, '--approve');
  clearInterval(timer);
  // Its controller sees the last change too: what comes next would be refused as long as it has not.
  getStuck(server, 'Deployment', 'web');
  expect(done.err).toBe('');
  expect(done.status).toBe(1);
  expect(done.out).toMatch(/rolled-back: it did not come up within 1 s.*\(not-up\)\n$/);
  expect(containerOf(server.get(named('Deployment', 'web'))).resources).toMatchObject({ limits: { cpu: '200m' } });
});

test('a refusal has its reason and an exit status of its own, as have files that hold no action', async () => {
  const action = document({ now: Date.now }, web, { id: 'refused', expected: { limits: { cpu: '7' } } });
  const refused = await apply('alice', action);
  expect(refused.out).toMatch(/refused: .*limits\.cpu is 200m, expected 7 \(changed\)\n$/);
  expect(refused.status).toBe(1);
  expect(await apply('alice', { id: 'x' })).toMatchObject({
    status: 3,
    err: expect.stringContaining('action must be one of'),
  });
  expect(await insightHere(['apply-action'])).toMatchObject({
    status: 2,
    err: expect.stringContaining('give -f FILE'),
  });
  expect(await insightHere(['apply-action', '-f', '/nowhere.json'])).toMatchObject({ status: 3 });
});
