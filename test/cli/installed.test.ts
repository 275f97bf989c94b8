// The command with a master that is installed in the cluster and authenticates callers: one command, no second terminal.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { User } from '../../src/demo/api-server.ts';
import { createAuthority } from '../support/certificates.ts';
import { insightHere } from '../support/command-here.ts';
import { folderOf, insight } from '../support/command-line.ts';
import { type DemoMaster, install, startDemoMasterFor, vouch } from '../support/demo-master.ts';
import { ask } from '../support/http.ts';
import { certificate } from '../support/installing.ts';

const everything = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];
const readsShop = [{ verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'], namespaces: ['shop'] }];
const reachesMaster = [
  { verbs: ['get', 'list'], apiGroups: [''], resources: ['services', 'pods'], namespaces: ['graph'] },
  { verbs: ['get'], apiGroups: [''], resources: ['pods/portforward'], namespaces: ['graph'] },
];
const users: User[] = [
  { username: 'administrator', groups: ['system:authenticated'], token: 'admin', rules: everything },
  { username: 'developer', groups: ['system:authenticated'], token: 'dev', rules: [...readsShop, ...reachesMaster] },
  { username: 'outsider', groups: ['system:authenticated'], token: 'out', rules: readsShop },
  { username: 'nobody', groups: ['system:authenticated'], token: 'none', rules: [] },
  { username: 'system:serviceaccount:shop:default', groups: ['system:authenticated'], rules: readsShop },
];

let demo: DemoMaster;
beforeAll(async () => {
  const tls = { cert: certificate('server.crt'), key: certificate('server.key') };
  demo = await startDemoMasterFor({ users, tls, at: 'graph', token: 'admin' }, '--auth', 'kubernetes');
  install(demo, 'graph');
});
afterAll(() => demo.close());

const kubeconfig = (user: object, namespace = 'shop') => {
  const config = demo.cluster.server.kubeconfig({ namespace });
  const folder = folderOf({ config: JSON.stringify({ ...config, users: [{ name: 'demo', user }] }) });
  return join(folder, 'config');
};
const as = (user: object, ...args: string[]) => insightHere([...args, '--kubeconfig', kubeconfig(user)]);
const pods = ['get', 'pods', '-A', '-o', 'name'] as const;
const listed = () => demo.cluster.server.requests.count('list pods');
const forwarded = () => demo.cluster.server.requests.count('get pods/portforward');

/** The note that a caller with restricted rights gets besides the answer, in one line. */
const partly = /^not complete: \d+ kinds \(.*may not be read; .*\n$/;

describe('without a binding that vouches for the master', () => {
  test('a master found by its labels gets no token: anyone who can create a Service can set labels', async () => {
    const before = forwarded();
    const { status, err } = await as({ token: 'admin' }, ...pods);
    expect(status).toBe(0);
    expect(err).toMatch(
      /^the master graph\/cluster-insight was found by its labels, but no cluster-wide binding .* --service graph\/cluster-insight sends yours/,
    );
    expect(err).toMatch(/the cluster was read from here, in \d+\.\d s/);
    expect(forwarded()).toBe(before);
    const named = await as({ token: 'admin' }, ...pods, '--service', 'graph/cluster-insight');
    expect([named.status, named.err]).toEqual([0, '']);
    expect(forwarded()).toBe(before + 1);
  });
});

describe('a master that authenticates its callers', () => {
  beforeAll(() => vouch(demo, 'graph'));

  test('is found by its labels and asked by a port-forward with the token of the user', async () => {
    const before = listed();
    const { status, out, err } = await as({ token: 'admin' }, ...pods);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const headers = { authorization: 'Bearer admin' };
    const { resources } = JSON.parse((await ask(`${demo.url}/cluster?type=Pod`, { headers })).text) as {
      resources: { id: string }[];
    };
    expect(out.trim().split('\n')).toEqual(resources.map(({ id }) => id));
    // Only the Pods behind the Service were listed.
    expect(listed()).toBe(before + 1);
  });

  test('answers of any size come through it whole', async () => {
    const { out } = await as({ token: 'admin' }, 'get', '-A', '-o', 'json');
    const { text } = await ask(`${demo.url}/cluster`, { headers: { authorization: 'Bearer admin' } });
    const ids = (answer: string) =>
      (JSON.parse(answer) as { resources: { id: string }[] }).resources.map(({ id }) => id);
    expect(out.length).toBeGreaterThan(500_000);
    expect(ids(out)).toEqual(ids(text));
  });

  test('shows a user of a few namespaces those', async () => {
    const named = ['--service', 'graph/cluster-insight'];
    const { status, out, err } = await as({ token: 'dev' }, ...pods, ...named);
    expect(status).toBe(0);
    expect(err).toMatch(partly);
    const namespaces = new Set(
      out
        .trim()
        .split('\n')
        .map((id) => id.replace(/^Pod:|\/.*/g, '')),
    );
    expect(namespaces).toEqual(new Set(['graph', 'shop']));
  });

  test('is asked as a ServiceAccount where that is said, with a token that ends', async () => {
    const { status, out, err } = await as({ token: 'admin' }, ...pods, '--service-account', 'shop/default');
    expect(status).toBe(0);
    expect(err).toMatch(partly);
    expect(
      new Set(
        out
          .trim()
          .split('\n')
          .map((id) => id.split('/')[0]),
      ),
    ).toEqual(new Set(['Pod:shop']));
    const made = demo.cluster.server.requests
      .entries()
      .filter(({ url }) => url.endsWith('/serviceaccounts/default/token'));
    expect(made.map(({ method }) => method)).toEqual(['POST']);
    const none = await as({ token: 'admin' }, ...pods, '--service-account', 'shop/nobody');
    expect([none.status, none.err]).toEqual([
      3,
      expect.stringMatching(/^error: .*no token is to be had of the ServiceAccount shop\/nobody: .*not found/),
    ]);
    const mayNot = await as(
      { token: 'dev' },
      ...pods,
      '--service',
      'graph/cluster-insight',
      '--service-account',
      'shop/default',
    );
    expect([mayNot.status, mayNot.err]).toEqual([
      3,
      expect.stringContaining('cannot create resource "serviceaccounts/token"'),
    ]);
  });

  test('creates no token for a user without one, and says how to', async () => {
    const before = demo.cluster.server.requests.entries().filter(({ method }) => method === 'POST').length;
    const acting = { token: 'admin', as: 'developer' };
    const { status, err } = await as(acting, ...pods, '--service', 'graph/cluster-insight');
    expect(status).toBe(3);
    expect(err).toMatch(
      /wants a token, and this context has none that stands for its user: --service-account NAMESPACE\/NAME/,
    );
    const posts = demo.cluster.server.requests
      .entries()
      .filter(({ method, url }) => method === 'POST' && url.includes('token'));
    expect(posts.length).toBeLessThanOrEqual(before);
  });

  test('that may not be reached by the user is told, with what the API server says', async () => {
    const { status, err } = await as({ token: 'out' }, ...pods, '--service', 'graph/cluster-insight');
    expect([status, err]).toEqual([3, expect.stringMatching(/^error: there is no Service graph\/cluster-insight/)]);
    const wrong = await as({ token: 'admin' }, ...pods, '--token', 'forged');
    expect([wrong.status, wrong.err]).toEqual([3, expect.stringMatching(/does not know this user; --direct reads/)]);
  });

  test('a user without any rights is refused, not told that there is nothing', async () => {
    const { status, out, err } = await as({ token: 'none' }, 'get', 'pods');
    expect([status, out]).toEqual([3, '']);
    expect(err).toMatch(/^error: Forbidden: Pod cannot be listed in namespace shop: .*pods is forbidden/m);
  });

  test.each([
    [['--direct', '--service-account', 'a/b'], /--service-account and --direct exclude/],
    [['--service-account', 'ab'], /write NAMESPACE\/NAME/],
    [['--service-account', 'a/b', '--token', 'x'], /--token and --service-account exclude each other/],
  ])('%j is no command line', async (more, words) => {
    expect(await as({ token: 'admin' }, ...pods, ...more)).toMatchObject({
      status: 2,
      err: expect.stringMatching(words) as string,
    });
  });
});

describe('a master that serves HTTPS', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'installed-tls-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['authenticates its callers, and is reached by a port-forward', ['--auth', 'kubernetes']],
    ['does not authenticate its callers, and is reached through the API server', []],
  ])('%s', async (_what, settings) => {
    const { certFile, keyFile } = createAuthority(folder).issue('master', ['DNS:insight.example']);
    const tls = { cert: certificate('server.crt'), key: certificate('server.key') };
    const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile];
    const secure = await startDemoMasterFor({ users, tls, at: 'graph', token: 'admin' }, ...files, ...settings);
    try {
      install(secure, 'graph');
      vouch(secure, 'graph');
      const config = secure.cluster.server.kubeconfig({ namespace: 'shop' });
      const path = join(
        folderOf({ config: JSON.stringify({ ...config, users: [{ name: 'demo', user: { token: 'admin' } }] }) }),
        'config',
      );
      const { status, out, err } = await insight([...pods, '--kubeconfig', path]);
      expect({ status, err }).toEqual({ status: 0, err: '' });
      expect(out).toContain('Pod:shop/redis-0');
      expect(secure.cluster.server.requests.count('get pods/portforward')).toBe(settings.length > 0 ? 1 : 0);
      expect(secure.cluster.server.requests.count('list pods')).toBeLessThan(4);
    } finally {
      await secure.close();
    }
  });
});
