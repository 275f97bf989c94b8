// The identity of an export at the API server, with the kubeconfig of a person or of a Pod.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startApiServer } from '../../../src/demo/api-server.ts';
import { exported, fileWith, newFolder } from '../../support/exporting.ts';
import { startEndpoint } from '../../support/fake-endpoint.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const reader = {
  username: 'exporter',
  rules: [
    { verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['get'], nonResourceURLs: ['*'] },
  ],
};

async function parts(token: string) {
  const server = await startApiServer({ users: [{ ...reader, token }] });
  const endpoint = await startEndpoint();
  closers.push(
    () => server.stop(),
    () => endpoint.close(),
  );
  for (const name of ['kube-system', 'shop'])
    server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return { server, endpoint };
}

/** A kubeconfig whose user is `user`. */
function kubeconfigOf(url: string, user: object) {
  return {
    apiVersion: 'v1' as const,
    kind: 'Config' as const,
    clusters: [{ name: 'one', cluster: { server: url } }],
    users: [{ name: 'one', user }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
    'current-context': 'one',
  };
}

function script(text: string): string {
  const file = join(newFolder(), 'plugin');
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o700);
  return file;
}

const run = (kubeconfig: ReturnType<typeof kubeconfigOf>, url: string) =>
  exported({ kubeconfig: () => kubeconfig }, ['--to', url, '--relations=false']);

describe('an exec plugin', () => {
  const exec = (command: string) => ({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command } });

  test('gives the token that everything is read with', async () => {
    const { server, endpoint } = await parts('from-the-plugin');
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' };
    const command = script(`echo '${JSON.stringify({ ...credential, status: { token: 'from-the-plugin' } })}'`);
    const { status } = await run(kubeconfigOf(server.url, exec(command)), endpoint.url);
    expect([status, endpoint.manifests.length]).toEqual([0, 1]);
  });

  test('that fails ends the run with 1, names the plugin, and nothing is sent', async () => {
    const { server, endpoint } = await parts('from-the-plugin');
    const command = script('echo not today >&2; exit 7');
    const { status, log } = await run(kubeconfigOf(server.url, exec(command)), endpoint.url);
    expect([status, endpoint.manifests.length]).toEqual([1, 0]);
    expect(log).toContain(command);
  });
});

describe('a token in a file', () => {
  test('that is replaced between two pages serves on', async () => {
    const { server, endpoint } = await parts('first');
    server.load(
      'pods',
      Array.from({ length: 1_001 }, (_, n) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `p${n}`, namespace: 'shop', uid: `u${n}` },
      })),
    );
    const tokenFile = fileWith('first\n');
    server.fault({ path: '/api/v1/pods', continued: true, effect: 'delay', ms: 300 });
    const running = run(kubeconfigOf(server.url, { tokenFile }), endpoint.url);
    const secondPage = () => server.requests.entries().some(({ url }) => /^\/api\/v1\/pods\?.*continue=/.test(url));
    await expect.poll(secondPage, { timeout: 20_000, interval: 5 }).toBe(true);
    writeFileSync(tokenFile, 'second\n');
    server.setUsers([{ ...reader, token: 'second' }]);
    const { status, log } = await running;
    expect([status, endpoint.manifests.at(-1)?.['types']], log).toMatchObject([
      0,
      { 'core/pods': { state: 'complete', objects: 1_001 } },
    ]);
  });
});
