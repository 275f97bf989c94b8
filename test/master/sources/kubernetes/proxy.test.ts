import { expect, test } from 'vitest';
import { proxyOf } from '../../../../master/sources/kubernetes/proxy.ts';

const at = (server: string, proxy?: string) => ({
  contextName: 'x',
  cluster: { server, ...(proxy === undefined ? {} : { 'proxy-url': proxy }) },
  user: {},
});
const server = 'https://api.acme.test:6443';

test.each([
  ['the kubeconfig wins', at(server, 'socks5://p:1080'), { HTTPS_PROXY: 'http://q' }, 'socks5://p:1080'],
  ['the environment counts', at(server), { HTTPS_PROXY: 'http://q' }, 'http://q'],
  ['also in lower case', at(server), { https_proxy: 'http://q' }, 'http://q'],
  ['also without a scheme', at(server), { HTTPS_PROXY: 'q:3128' }, 'http://q:3128'],
  ['for its own scheme alone', at(server), { HTTP_PROXY: 'http://q' }, undefined],
  ['HTTP has its own', at('http://api.acme.test'), { HTTP_PROXY: 'http://q' }, 'http://q'],
  ['none is none', at(server), {}, undefined],
  ['loopback is spared', at('https://127.0.0.1:6443'), { HTTPS_PROXY: 'http://q' }, undefined],
  ['localhost is spared', at('https://localhost:6443'), { HTTPS_PROXY: 'http://q' }, undefined],
])('%s', (_name, access, env, expected) => {
  expect(proxyOf(access, env)).toBe(expected);
});

test.each([
  ['*', server, true],
  ['acme.test', server, true],
  ['.acme.test', server, true],
  ['*.acme.test', server, true],
  ['.api.acme.test', server, false],
  ['api.acme.test:6443', server, true],
  ['api.acme.test:443', server, false],
  ['cme.test', server, false],
  ['other.test, ACME.test', server, true],
  ['10.0.0.0/8', 'https://10.1.2.3', true],
  ['10.0.0.0/8', 'https://11.1.2.3', false],
  ['10.1.2.3', 'https://10.1.2.3', true],
  ['fd00::/8', 'https://[fd00::1]:6443', true],
  ['10.0.0.0/8', 'https://[fd00::1]:6443', false],
  ['', server, false],
])('NO_PROXY=%s spares %s: %s', (list, url, spared) => {
  expect(proxyOf(at(url), { HTTPS_PROXY: 'http://q', NO_PROXY: list })).toBe(spared ? undefined : 'http://q');
});
