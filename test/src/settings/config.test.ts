import { describe, expect, test } from 'vitest';
import { Fault } from '../../../src/errors.ts';
import { readConfig, settings } from '../../../src/settings/config.ts';

/** The error message of refused settings. */
function refused(env: NodeJS.ProcessEnv, argv: readonly string[] = []): string {
  try {
    readConfig(env, argv);
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    expect((error as Fault).code).toBe('bad_setting');
    return (error as Fault).message;
  }
  return 'nothing: it was accepted';
}

test('with nothing set, a master listens on loopback with the documented defaults', () => {
  const config = readConfig({}, []);
  expect(config).toMatchObject({
    mode: 'master',
    modeGiven: false,
    host: '127.0.0.1',
    port: 5555,
    refresh: 10_000,
    minions: 'auto',
    namespaces: [],
    kinds: { add: [], omit: [] },
    cors: [],
    auth: 'none',
    allowAnonymous: false,
    keepValues: false,
    demoLife: true,
    logLevel: 'info',
    logFormat: 'text',
  });
  expect(config).not.toHaveProperty('tokenFile');
  expect(Object.isFrozen(config)).toBe(true);
});

test('a minion listens on its own port unless told otherwise', () => {
  expect(readConfig({}, ['minion']).port).toBe(4243);
  expect(readConfig({ CLUSTER_INSIGHT_PORT: '0' }, ['minion']).port).toBe(0);
});

test('the first argument wins over the variable and over --mode, and counts as chosen', () => {
  const env = { CLUSTER_INSIGHT_MODE: 'minion' };
  expect(readConfig(env, [])).toMatchObject({ mode: 'minion', modeGiven: true });
  expect(readConfig(env, ['demo']).mode).toBe('demo');
  expect(readConfig(env, ['--mode', 'master']).mode).toBe('master');
  expect(readConfig({}, ['--mode=minion', 'demo'])).toMatchObject({ mode: 'demo', modeGiven: true });
});

test('flags win over the environment, with a blank or an equals sign', () => {
  const env = { CLUSTER_INSIGHT_LOG_LEVEL: 'warn', CLUSTER_INSIGHT_PORT: '1' };
  expect(readConfig(env, ['--log-level', 'debug', '--port=2'])).toMatchObject({ logLevel: 'debug', port: 2 });
});

test('a switch needs no value, but takes one after an equals sign', () => {
  expect(readConfig({}, ['--keep-values']).keepValues).toBe(true);
  expect(readConfig({ CLUSTER_INSIGHT_KEEP_VALUES: 'true' }, ['--keep-values=false']).keepValues).toBe(false);
  expect(readConfig({ CLUSTER_INSIGHT_DEMO_LIFE: 'false' }, []).demoLife).toBe(false);
});

test('every form of setting is turned into its value', () => {
  const config = readConfig(
    {
      KUBECONFIG: '/a:/b',
      CLUSTER_INSIGHT_REFRESH: '1.5s',
      CLUSTER_INSIGHT_NAMESPACES: 'a, b,,c',
      CLUSTER_INSIGHT_MINIONS: 'n1=http://10.0.0.1:4243,n2=https://[::1]:1',
      CLUSTER_INSIGHT_KINDS: '+Event,-Secret,-HTTPRoute.gateway.networking.k8s.io',
      CLUSTER_INSIGHT_CORS: 'https://a.example',
      CLUSTER_INSIGHT_CACHE_SIZE: '800Mi',
    },
    [],
  );
  expect(config).toMatchObject({
    kubeconfig: '/a:/b',
    refresh: 1500,
    namespaces: ['a', 'b', 'c'],
    minions: [
      { node: 'n1', url: 'http://10.0.0.1:4243' },
      { node: 'n2', url: 'https://[::1]:1' },
    ],
    kinds: { add: ['Event'], omit: ['Secret', 'HTTPRoute.gateway.networking.k8s.io'] },
    cors: ['https://a.example'],
    cacheSize: 800 * 1024 * 1024,
  });
});

test('an empty variable is one that is not set', () => {
  expect(readConfig({ CLUSTER_INSIGHT_PORT: '', CLUSTER_INSIGHT_REVISION: '', CLUSTER_INSIGHT_MODE: '' }, [])).toEqual(
    readConfig({}, []),
  );
});

test('the variable that Kubernetes makes of a Service of our name is not taken for the port', () => {
  expect(readConfig({ CLUSTER_INSIGHT_PORT: 'tcp://10.96.12.3:5555' }, []).port).toBe(5555);
});

test("ignores other programs' variables", () => {
  expect(readConfig({ MODE: 'test', PORT: '99', CLUSTER_INSIGHT_SERVICE_HOST: '10.0.0.1' }, [])).toEqual(
    readConfig({}, []),
  );
});

test.each([
  [{ CLUSTER_INSIGHT_PORT: 'http' }, 'CLUSTER_INSIGHT_PORT must be a whole number from 0 to 65535, not "http"'],
  [{ CLUSTER_INSIGHT_PORT: '65536' }, 'CLUSTER_INSIGHT_PORT must be a whole number from 0 to 65535, not "65536"'],
  [
    { CLUSTER_INSIGHT_MODE: 'agent' },
    'CLUSTER_INSIGHT_MODE must be one of master, minion, demo, export, replica, gateway, actor, not "agent"',
  ],
  [{ CLUSTER_INSIGHT_REFRESH: '10' }, /^CLUSTER_INSIGHT_REFRESH must be a duration such as .*, not "10"$/],
  [{ CLUSTER_INSIGHT_REFRESH: '0s' }, /^CLUSTER_INSIGHT_REFRESH must be a duration/],
  [{ CLUSTER_INSIGHT_CACHE_SIZE: '-1' }, /^CLUSTER_INSIGHT_CACHE_SIZE must be a size such as .*, not "-1"$/],
  [{ CLUSTER_INSIGHT_MINIONS: 'n1' }, /^CLUSTER_INSIGHT_MINIONS must be `auto`, `off`, or /],
  [{ CLUSTER_INSIGHT_MINIONS: 'n1=ftp://x' }, /^CLUSTER_INSIGHT_MINIONS must be/],
  [{ CLUSTER_INSIGHT_KINDS: 'Event' }, /^CLUSTER_INSIGHT_KINDS must be kinds with a sign before each/],
  [{ CLUSTER_INSIGHT_CORS: 'example.com' }, /^CLUSTER_INSIGHT_CORS must be origins such as .*, not "example.com"$/],
  [{ CLUSTER_INSIGHT_CORS: 'https://a.example,https://b.example/path' }, /not "https:\/\/b.example\/path"$/],
  [{ CLUSTER_INSIGHT_CORS: '*' }, /^CLUSTER_INSIGHT_CORS must be origins/],
  [{ CLUSTER_INSIGHT_NAMESPACES: 'shop,a_b' }, /^CLUSTER_INSIGHT_NAMESPACES must be names .*, not "a_b"$/],
  [{ CLUSTER_INSIGHT_NAMESPACES: 'Shop' }, /not "Shop"$/],
  [{ CLUSTER_INSIGHT_PROMETHEUS_URL: 'prom:9090' }, /^CLUSTER_INSIGHT_PROMETHEUS_URL must be an http/],
  [{ CLUSTER_INSIGHT_PROMETHEUS_URL: 'http://u:p@prom' }, /without credentials$/],
  [{ CLUSTER_INSIGHT_PROMETHEUS_MATCH: 'cluster=east' }, /^CLUSTER_INSIGHT_PROMETHEUS_MATCH must be matchers/],
  [{ CLUSTER_INSIGHT_PROMETHEUS_MATCH: 'a="b"}) or up{x="' }, /must be matchers/],
  [{ CLUSTER_INSIGHT_PROMETHEUS_USERNAME: 'u' }, /PASSWORD_FILE must be set together$/],
  [{ CLUSTER_INSIGHT_SIZING_WINDOW: '1h' }, /between 2h and 90d, or off$/],
  [{ CLUSTER_INSIGHT_ALLOW_ANONYMOUS: 'yes' }, 'CLUSTER_INSIGHT_ALLOW_ANONYMOUS must be true or false, not "yes"'],
])('a bad value names its variable and what is allowed: %o', (env, sentence) => {
  expect(refused(env)).toMatch(sentence);
});

test.each([
  [['--prot', '1'], '--prot is not a flag of this program; did you mean --port?'],
  [['-p', '1'], '-p is not a flag of this program; --help lists them'],
  [['--port'], '--port needs a value'],
  [['--port', '--host', 'x'], '--port needs a value'],
  [['master', 'minion'], 'minion is one word too many: a mode word and flags are expected'],
  [['--port', '8o'], 'CLUSTER_INSIGHT_PORT must be a whole number from 0 to 65535, not "8o"'],
])('arguments that cannot be meant are refused: %j', (argv, sentence) => {
  expect(refused({}, argv)).toBe(sentence);
});

test('a master without authentication is kept from other than loopback addresses', () => {
  for (const host of ['0.0.0.0', '::', '10.1.2.3', 'insight.example', '127.0.0.1.example']) {
    expect(refused({ CLUSTER_INSIGHT_HOST: host })).toMatch(
      /^CLUSTER_INSIGHT_HOST is .* set CLUSTER_INSIGHT_AUTH, or CLUSTER_INSIGHT_ALLOW_ANONYMOUS=true/,
    );
    expect(refused({ CLUSTER_INSIGHT_HOST: host }, ['demo'])).toMatch(/^CLUSTER_INSIGHT_HOST/);
  }
  const open = { CLUSTER_INSIGHT_HOST: '0.0.0.0' };
  expect(readConfig({ ...open, CLUSTER_INSIGHT_ALLOW_ANONYMOUS: 'true' }, []).host).toBe('0.0.0.0');
  expect(readConfig({ ...open, CLUSTER_INSIGHT_AUTH: 'kubernetes' }, []).host).toBe('0.0.0.0');
});

test('a minion without a token or a client CA is kept from other than loopback addresses', () => {
  const open = { CLUSTER_INSIGHT_HOST: '0.0.0.0' };
  expect(refused({ ...open, CLUSTER_INSIGHT_AUTH: 'kubernetes' }, ['minion'])).toMatch(
    /set CLUSTER_INSIGHT_TOKEN_FILE/,
  );
  expect(readConfig({ ...open, CLUSTER_INSIGHT_TOKEN_FILE: '/t' }, ['minion']).tokenFile).toBe('/t');
  const tls = ['--tls-cert-file=/c', '--tls-key-file=/k', '--tls-client-ca-file=/ca'];
  expect(readConfig(open, ['minion', ...tls]).tlsClientCaFile).toBe('/ca');
});

test.each(['127.0.0.1', '127.8.9.1', 'localhost', '::1', '[::1]', '::ffff:127.0.0.1'])(
  '%s is a loopback address',
  (host) => {
    expect(readConfig({ CLUSTER_INSIGHT_HOST: host }, []).host).toBe(host);
  },
);

test('settings that need each other are refused alone', () => {
  expect(refused({ CLUSTER_INSIGHT_TLS_CERT_FILE: '/c' })).toMatch(/CLUSTER_INSIGHT_TLS_KEY_FILE must be set together/);
  expect(refused({ CLUSTER_INSIGHT_TLS_KEY_FILE: '/k' })).toMatch(/CLUSTER_INSIGHT_TLS_KEY_FILE must be set together/);
  expect(refused({ CLUSTER_INSIGHT_TLS_CLIENT_CA_FILE: '/c' })).toMatch(/needs CLUSTER_INSIGHT_TLS_CERT_FILE/);
  expect(refused({ CLUSTER_INSIGHT_AUTH: 'token' })).toMatch(/needs CLUSTER_INSIGHT_AUTH_TOKENS_FILE/);
  expect(readConfig({ CLUSTER_INSIGHT_AUTH: 'token', CLUSTER_INSIGHT_TOKEN_FILE: '/t' }, []).auth).toBe('token');
});

describe('the Lease of publishers', () => {
  const stream = { CLUSTER_INSIGHT_STREAM: 'nats://n:4222' };
  const lease = (text: string) => ({ ...stream, CLUSTER_INSIGHT_STREAM_LEASE: text });

  test('is named with its namespace, or alone in a Pod whose namespace is told', () => {
    expect(readConfig(lease('ci/of.masters-1'), []).streamLease).toEqual({ namespace: 'ci', name: 'of.masters-1' });
    const pod = { CLUSTER_INSIGHT_POD_NAMESPACE: 'ci' };
    expect(readConfig({ ...lease('x'), ...pod }, []).streamLease).toEqual({ namespace: undefined, name: 'x' });
    expect(refused(lease('x'))).toMatch(/must name a namespace, as NAMESPACE\/x/);
    expect(readConfig(lease('ci/x'), []).streamLeaseDuration).toBe(15_000);
  });

  test.each([
    '/',
    'a/',
    '/b',
    'a/b/c',
    'A/b',
    'a/B',
    'a/../b',
    'a/b?x',
    'a.b/c',
    'a/b..c',
    `a/${'b'.repeat(254)}`,
    'a/b%2Fc',
  ])('%j names none', (text) => expect(refused(lease(text))).toMatch(/must be a name, or a namespace and a name/));

  test('is for masters that publish, and for whole seconds', () => {
    expect(refused({ CLUSTER_INSIGHT_STREAM_LEASE: 'ci/x' })).toMatch(/needs CLUSTER_INSIGHT_STREAM:/);
    expect(refused(lease('ci/x'), ['replica'])).toMatch(/is for masters/);
    const short = { CLUSTER_INSIGHT_STREAM_LEASE_DURATION: '999ms' };
    expect(refused({ ...lease('ci/x'), ...short })).toMatch(/at least 1s/);
  });
});

test('every setting has a variable, a flag and a description of its own', () => {
  expect(settings.length).toBeGreaterThan(25);
  for (const part of ['variable', 'flag', 'description'] as const) {
    const all = settings.map((one) => one[part]);
    expect(new Set(all).size, part).toBe(all.length);
  }
  for (const { variable, flag } of settings) {
    expect(variable).toMatch(/^(KUBECONFIG|CLUSTER_INSIGHT_[A-Z_]+)$/);
    expect(flag).toMatch(/^[a-z]+(-[a-z]+)*$/);
  }
});
