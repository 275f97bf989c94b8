// A real master, an API server, and hostile callers: a tenant with many accounts, a request for many namespaces, and a clock that
// is set back.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type ApiServer, type Rule, startApiServer, type User } from '../../src/demo/api-server.ts';
import { eventually } from '../support/engines/daemon.ts';
import { ask, type LineStream, openLines } from '../support/http.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'tenants-'));
const file = (name: string) => join(folder, name);
let server: ApiServer | undefined;
const streams: LineStream[] = [];
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  endPrograms();
  await server?.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const kinds = ['services', 'configmaps', 'serviceaccounts', 'secrets', 'persistentvolumeclaims', 'replicasets'];
const may = (namespace: string, resources: readonly string[] = ['*']): Rule => ({
  verbs: ['list', 'get'],
  apiGroups: ['*'],
  resources: [...resources],
  namespaces: [namespace],
});
const master: User = {
  username: 'master',
  token: 'master',
  rules: [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['get'], nonResourceURLs: ['*'] },
  ],
};
const robot = (i: number): User => ({
  username: `system:serviceaccount:data:robot-${i}`,
  token: `robot-${i}`,
  rules: [may('data', ['pods', ...kinds.filter((_, bit) => (i >> bit) & 1)])],
});

async function start(
  users: readonly User[],
  namespaces: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Program> {
  server = await startApiServer({ users: [master, ...users] });
  for (const name of namespaces) {
    server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    server.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: name },
      spec: { containers: [] },
    });
  }
  writeFileSync(file('config'), JSON.stringify(server.kubeconfig({ token: 'master' })));
  const program = await startProgram({
    args: ['master', '--minions', 'off'],
    env: { KUBECONFIG: file('config'), CLUSTER_INSIGHT_AUTH: 'kubernetes', ...env },
  });
  await eventually('it to be ready', 60_000, async () => (await ask(`${program.url}/readyz`)).status === 200);
  return program;
}

test('one namespace with many accounts, each with a stream and other rights, does not lock out others', async () => {
  const robots = Array.from({ length: 64 }, (_, i) => robot(i));
  const others = ['shop', 'web'].map((name): User => ({ username: name, token: name, rules: [may(name)] }));
  // There is room for sixteen views.
  const program = await start([...robots, ...others], ['data', 'shop', 'web'], {
    CLUSTER_INSIGHT_SCOPE_MEMORY: '16Mi',
  });
  for (const { token = '' } of robots) streams.push(await openLines(`${program.url}/cluster/watch`, bearer(token)));
  for (const token of ['shop', 'web', 'master']) {
    const { status, text } = await ask(`${program.url}/cluster?type=Pod`, bearer(token));
    expect([token, status]).toEqual([token, 200]);
    expect(text).toContain(`Pod:${token === 'master' ? 'data' : token}/p`);
  }
  expect((await ask(`${program.url}/metrics`, bearer('master'))).text).toMatch(/^cluster_insight_scopes \d{1,2}$/m);
});

test('one request causes reviews of few of many namespaces, and delays no one', async () => {
  const namespaces = Array.from({ length: 200 }, (_, i) => `n${i}`);
  const lonely: User = { username: 'system:serviceaccount:n1:lonely', token: 'lonely', rules: [may('n1')] };
  const program = await start([lonely], namespaces, { CLUSTER_INSIGHT_AUTHORIZER: 'rbac' });
  server?.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'reads', namespace: 'n1' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'ServiceAccount', name: 'lonely', namespace: 'n1' }],
  } as never);
  const reviews = async () =>
    Number(
      /reviews_total\{of="access",status="201"\} (\d+)/.exec(
        (await ask(`${program.url}/metrics`, bearer('master'))).text,
      )?.[1],
    );
  await eventually('the binding to be read', 30_000, async () =>
    (await ask(`${program.url}/cluster/resources/rolebindings`, bearer('master'))).text.includes(
      'RoleBinding:n1/reads',
    ),
  );
  const before = await reviews();
  const { text } = await ask(`${program.url}/cluster/resources/pods`, bearer('lonely'));
  expect(text).toContain('n1');
  expect(text).not.toContain('n2');
  // One review per kind for the whole cluster and one for the single namespace, but none for the 199 other namespaces.
  expect((await reviews()) - before).toBeLessThan(250);
});

test('a token that was removed from the file is refused although the clock was set back an hour', async () => {
  const preload = file('clock.mjs');
  writeFileSync(
    preload,
    "import { existsSync } from 'node:fs';\nconst now = Date.now;\nDate.now = () => now() - (existsSync(process.env.BACK) ? 3_600_000 : 0);\n",
  );
  writeFileSync(file('tokens'), 'alices,alice\nbobs,bob\n');
  const program = await start([], ['shop'], {
    CLUSTER_INSIGHT_AUTH: 'token',
    CLUSTER_INSIGHT_AUTH_TOKENS_FILE: file('tokens'),
    NODE_OPTIONS: `--import ${preload}`,
    BACK: file('back'),
  });
  const status = async (token: string) => (await ask(`${program.url}/cluster?type=Pod`, bearer(token))).status;
  expect([await status('alices'), await status('bobs')]).toEqual([200, 200]);
  writeFileSync(file('back'), '');
  writeFileSync(file('tokens'), 'alices,alice\n');
  await eventually('bob to be out', 60_000, async () => (await status('bobs')) === 401);
  expect(await status('alices')).toBe(200);
});
