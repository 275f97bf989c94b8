import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findAccess } from '../../../../master/sources/kubernetes/kubeconfig.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** A kubeconfig with one context, cluster and user of one name. */
function simple(name: string, more: { current?: string; cluster?: string; user?: string } = {}): string {
  return `
apiVersion: v1
kind: Config
${more.current === undefined ? `current-context: ${name}` : more.current && `current-context: ${more.current}`}
clusters: [{ name: ${name}, cluster: { server: 'https://${name}.test:6443' ${more.cluster ?? ''} } }]
users: [{ name: ${name}, user: { token: of-${name} ${more.user ?? ''} } }]
contexts: [{ name: ${name}, context: { cluster: ${name}, user: ${name} } }]
`;
}

test('nothing that names a cluster is no cluster', () => {
  expect(findAccess({ env: {} })).toBeUndefined();
  expect(findAccess({ env: { HOME: folder, KUBECONFIG: '' } })).toBeUndefined();
  file('.kube/config', 'apiVersion: v1\nkind: Config\ncontexts: []\n');
  expect(findAccess({ env: { HOME: folder } })).toBeUndefined();
});

test('a file that is named and names no cluster is a mistake, and so are contexts of which none is current', () => {
  const found = (KUBECONFIG: string) => () => findAccess({ env: { KUBECONFIG } });
  expect(found(join(folder, 'no-such-file'))).toThrow(/no-such-file is not there/);
  expect(found(file('empty', ''))).toThrow(/empty names no cluster/);
  expect(found(file('none', simple('a', { current: '' })))).toThrow(/no current context: choose one of a/);
});

test('~/.kube/config is read when KUBECONFIG is not set, and only then', () => {
  file('.kube/config', simple('home'));
  expect(findAccess({ env: { HOME: folder } })?.cluster.server).toBe('https://home.test:6443');
  expect(findAccess({ env: { HOME: folder, KUBECONFIG: '' } })?.contextName).toBe('home');
  expect(findAccess({ env: { HOME: folder, KUBECONFIG: file('other', simple('other')) } })?.contextName).toBe('other');
});

test('of several files the first that says something wins, missing files and empty names are passed over', () => {
  const first = file('first', `${simple('a', { current: '' })}`);
  const second = file('second', simple('a', { user: ', username: second' }).replaceAll('a.test', 'second.test'));
  const third = file('third', simple('c'));
  const env = { KUBECONFIG: ['', join(folder, 'missing'), first, '', second, third].join(':') };
  expect(findAccess({ env })).toMatchObject({
    contextName: 'a',
    cluster: { server: 'https://a.test:6443' },
    user: { token: 'of-a' },
  });
  expect(findAccess({ env })?.user).not.toHaveProperty('username');
  expect(findAccess({ env, context: 'c' })).toMatchObject({
    contextName: 'c',
    cluster: { server: 'https://c.test:6443' },
  });
});

test("a context's cluster and user may stand in other files", () => {
  const context = file('context', 'current-context: x\ncontexts: [{ name: x, context: { cluster: c, user: u } }]');
  const cluster = file('cluster', 'clusters: [{ name: c, cluster: { server: "https://c.test" } }]');
  const user = file('user', 'users: [{ name: u, user: { token: t } }]');
  const found = findAccess({ env: { KUBECONFIG: `${context}:${cluster}:${user}` } });
  expect(found).toEqual({ contextName: 'x', cluster: { server: 'https://c.test' }, user: { token: 't' } });
});

test('one broken entry does not spoil the others', () => {
  const text = `${simple('good')}`.replace('clusters: [', 'clusters: [null, { name: broken }, ');
  expect(findAccess({ env: { KUBECONFIG: file('k', text) } })?.contextName).toBe('good');
});

test('paths are relative to the file that names them', () => {
  const paths = ', certificate-authority: pki/ca.crt';
  const user = ', client-certificate: ./me.crt, client-key: /abs/me.key, tokenFile: t, exec: { command: ./bin/plugin }';
  const found = findAccess({ env: { KUBECONFIG: file('deep/k', simple('x', { cluster: paths, user })) } });
  expect(found?.cluster['certificate-authority']).toBe(join(folder, 'deep/pki/ca.crt'));
  expect(found?.user).toMatchObject({
    'client-certificate': join(folder, 'deep/me.crt'),
    'client-key': '/abs/me.key',
    tokenFile: join(folder, 'deep/t'),
    exec: { command: join(folder, 'deep/bin/plugin') },
  });
});

test('an exec plugin without a slash is left to PATH', () => {
  const found = findAccess({ env: { KUBECONFIG: file('k', simple('x', { user: ', exec: { command: aws }' })) } });
  expect(found?.user.exec).toEqual({ command: 'aws' });
});

test('--kubeconfig is the only file read, and must be there', () => {
  const env = { KUBECONFIG: file('env', simple('env')), HOME: folder };
  expect(findAccess({ env, kubeconfig: file('flag', simple('flag')) })?.contextName).toBe('flag');
  expect(() => findAccess({ env, kubeconfig: join(folder, 'typo') })).toThrow(/typo/);
});

test('what the configuration passes on of KUBECONFIG is still a list', () => {
  const KUBECONFIG = `${join(folder, 'missing')}:${file('k', simple('x'))}`;
  expect(findAccess({ env: { KUBECONFIG }, kubeconfig: KUBECONFIG })?.contextName).toBe('x');
});

test.each([
  ['a context that is not there', { context: 'nowhere' }, /context nowhere is in no kubeconfig/],
  ['a context whose cluster is not there', { context: 'lost' }, /context lost names cluster gone/],
  ['a context whose user is not there', { context: 'nobody' }, /context nobody names user gone/],
])('%s is an error that says so', (_name, options, message) => {
  const contexts =
    'contexts: [{ name: lost, context: { cluster: gone } }, { name: nobody, context: { cluster: x, user: gone } }, ';
  const text = simple('x').replace('contexts: [', contexts);
  expect(() => findAccess({ env: { KUBECONFIG: file('k', text) }, ...options })).toThrow(message);
});

test('a file that is not YAML is an error with its name', () => {
  expect(() => findAccess({ env: { KUBECONFIG: file('bad', 'a: [') } })).toThrow(/bad/);
});

test('a pod without a kubeconfig takes its account, also on IPv6; a kubeconfig wins', () => {
  const accountFolder = join(folder, 'account');
  file('account/token', 'secret');
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  expect(findAccess({ env, accountFolder })).toEqual({
    contextName: 'in-cluster',
    cluster: { server: 'https://[fd00::1]:443', 'certificate-authority': join(accountFolder, 'ca.crt') },
    user: { tokenFile: join(accountFolder, 'token') },
  });
  expect(findAccess({ env: { ...env, KUBECONFIG: file('k', simple('x')) }, accountFolder })?.contextName).toBe('x');
  expect(findAccess({ env, accountFolder: join(folder, 'none') })).toBeUndefined();
});
