import { execFileSync } from 'node:child_process';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadKubeConfig, type Wanted } from '../../../../master/sources/kubernetes/client-kube-config.ts';

const far = Date.now() / 1000 + 3600;
const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
const idToken = [part({ alg: 'none' }), part({ exp: far }), 'signed'].join('.');
const oidc = {
  name: 'oidc',
  config: { 'id-token': idToken, 'client-id': 'c', 'idp-issuer-url': 'https://issuer.test' },
};

/** The authentication of a request by the library, loaded as in production, for such an entry. */
async function carried(wanted: Wanted, user: object, cluster: object = {}) {
  const config = new (await loadKubeConfig(wanted))();
  config.loadFromString(
    JSON.stringify({
      clusters: [{ name: 'a', cluster: { server: 'https://api.test:6443', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'c', context: { cluster: 'a', user: 'u' } }],
      'current-context': 'c',
    }),
  );
  const options: { headers: { [name: string]: unknown }; agent?: object | undefined } = { headers: {} };
  await config.applyToHTTPSOptions(options as never);
  return options;
}

const none: Wanted = { provider: false, proxy: false };

describe('the library reads a kubeconfig', () => {
  test('without any of its parts, one after the other and at once', async () => {
    const all = await Promise.all([carried(none, { token: 't' }), carried(none, { token: 't' })]);
    for (const { headers, agent } of all) {
      expect(headers).toEqual({ Authorization: 'Bearer t' });
      expect(agent).toBeInstanceOf(Agent);
    }
  });

  test('with each of its parts where it is asked for, also while it is loaded without', async () => {
    const [plain, signedIn, through, both] = await Promise.all([
      carried(none, { token: 't' }),
      carried({ provider: true, proxy: false }, { 'auth-provider': oidc }),
      carried({ provider: false, proxy: true }, { token: 't' }, { 'proxy-url': 'socks5://127.0.0.1:1' }),
      carried({ provider: true, proxy: true }, { 'auth-provider': oidc }, { 'proxy-url': 'http://127.0.0.1:1' }),
    ]);
    expect(plain.headers).toEqual({ Authorization: 'Bearer t' });
    expect(signedIn.headers).toEqual({ Authorization: `Bearer ${idToken}` });
    expect(through.agent?.constructor.name).toBe('SocksProxyAgent');
    expect(both.headers).toEqual({ Authorization: `Bearer ${idToken}` });
    expect(both.agent?.constructor.name).toBe('HttpsProxyAgent');
  });

  test('without the second HTTP client that Node has in it', () => {
    const file = join(import.meta.dirname, '../../../../master/sources/kubernetes/client-kube-config.ts');
    const script = `
      import { loadKubeConfig } from ${JSON.stringify(file)};
      new (await loadKubeConfig(${JSON.stringify(none)}))();
      process.stdout.write(JSON.stringify(process.moduleLoadList));
    `;
    const loaded = JSON.parse(
      String(execFileSync(process.execPath, ['--input-type=module', '--eval', script])),
    ) as string[];
    expect(loaded).toContain('NativeModule http');
    expect(loaded.filter((name) => name.includes('undici'))).toEqual([]);
  });
});
