import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClusterConfig, openCluster } from '../../master/served-cluster.ts';
import { silentLogger } from '../../src/logger.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'served-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: object | string): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const usual: ClusterConfig = {
  mode: 'master',
  modeGiven: false,
  minions: 'off',
  demoLife: false,
};

const open = (config: Partial<ClusterConfig>, env: { readonly [name: string]: string } = {}) =>
  openCluster({ ...usual, ...config }, silentLogger, undefined, { HOME: folder, ...env });

const one = (server: string, context: object = {}) => ({
  'current-context': 'one',
  contexts: [{ name: 'one', context: { cluster: 'one', ...context } }],
  clusters: [{ name: 'one', cluster: { server } }],
});

/** Nothing listens on the discard port. */
const down = 'http://127.0.0.1:9';

describe('the demo is served', () => {
  test.each<[string, Partial<ClusterConfig>, () => { [name: string]: string }]>([
    ['where nothing names a cluster', {}, () => ({})],
    ['where KUBECONFIG is empty', {}, () => ({ KUBECONFIG: '' })],
    ['where it is asked for, whatever is named', { mode: 'demo' }, () => ({ KUBECONFIG: file('one', one(down)) })],
  ])('%s', async (_, config, env) => {
    const served = await open(config, env());
    expect(served).toMatchObject({ demo: true, clusterName: 'demo' });
    served.client.close();
    await served.close();
  });
});

describe('a named cluster is served, there or not', () => {
  test.each<[string, Partial<ClusterConfig>]>([
    ['without a mode', {}],
    ['as master', { modeGiven: true }],
  ])('%s', async (_, config) => {
    const served = await open(config, { KUBECONFIG: file('down', one(down)) });
    expect(served).toMatchObject({
      demo: false,
      clusterName: 'one',
      words: expect.stringMatching(/not there yet/) as string,
    });
    served.client.close();
  });

  test('that refuses the credentials is one too', async () => {
    const server = createServer((_, response) => response.writeHead(401).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const served = await open({}, { KUBECONFIG: file('refused', one(`http://127.0.0.1:${port}`)) });
    expect(served).toMatchObject({ demo: false, words: expect.stringMatching(/refuses the credentials/) as string });
    served.client.close();
    server.close();
  });
});

describe('what names a cluster and cannot be followed ends the start', () => {
  test.each<[string, Partial<ClusterConfig>, () => { [name: string]: string }, RegExp]>([
    ['a file that is not there', {}, () => ({ KUBECONFIG: join(folder, 'typo') }), /typo is not there/],
    ['several of them', {}, () => ({ KUBECONFIG: ['/no/a', '/no/b'].join(':') }), /\/no\/a:\/no\/b is not there/],
    ['a file named by a flag', { kubeconfig: '/no/c' }, () => ({}), /\/no\/c/],
    [
      'a context that no file has',
      { context: 'other' },
      () => ({ KUBECONFIG: file('ctx', one(down)) }),
      /context other/,
    ],
    ['a context without any file', { context: 'other' }, () => ({}), /context other is in no kubeconfig/],
    [
      'contexts of which none is current',
      {},
      () => ({ KUBECONFIG: file('none', { ...one(down), 'current-context': '' }) }),
      /no current context: choose one of one/,
    ],
    ['a file that names nothing', {}, () => ({ KUBECONFIG: file('empty', '') }), /empty names no cluster/],
    ['a file that is not YAML', {}, () => ({ KUBECONFIG: file('broken', 'a: [') }), /broken/],
    ['nothing, for who is told to be a master', { modeGiven: true }, () => ({}), /names no cluster/],
  ])('%s', async (_, config, env, message) => {
    await expect(open(config, env())).rejects.toThrow(message);
  });
});
