import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactText } from '../../../src/redact/command.ts';
import { secretName } from '../../../src/redact/names.ts';
import { isHarmlessValue, redacted } from '../../../src/redact/text.ts';

const secrets: readonly (readonly [string, string])[] = [
  ['--password=CANARY', `--password=${redacted}`],
  ['redis-server --requirepass CANARY', `redis-server --requirepass ${redacted}`],
  ["--password='CANARY with spaces' next", `--password=${redacted} next`],
  ['export PGPASSWORD=CANARY; psql', `export PGPASSWORD=${redacted}; psql`],
  ['{"password":"CANARY","user":"a"}', `{"password":${redacted},"user":"a"}`],
  ['{\\"token\\":\\"CANARY\\"}', `{\\"token\\":${redacted}}`],
  ['password: CANARY', `password: ${redacted}`],
  // The text before it is a separate assignment.
  ['failed: password=CANARY', `failed: password=${redacted}`],
  ['panic: open: DB_PASSWORD=CANARY is wrong', `panic: open: DB_PASSWORD=${redacted} is wrong`],
  ['level=error msg="login with token=CANARY failed"', `level=error msg="login with token=${redacted} failed"`],
  ['reason=password=CANARY;code=1', `reason=password=${redacted};code=1`],
  ['config: {secret: CANARY, a: b}', `config: {secret: ${redacted} a: b}`],
  ['env=[API_KEY=CANARY]', `env=[API_KEY=${redacted}]`],
  ['error: password: CANARY', `error: password: ${redacted}`],
  ['Authorization: Bearer CANARY', `Authorization: Bearer ${redacted}`],
  ['curl -H "Authorization: Basic CANARY==" x', `curl -H "Authorization: Basic ${redacted}" x`],
  ['curl -u someone:CANARY x', `curl -u someone:${redacted} x`],
  ['mysql -uroot -pCANARY db', `mysql -uroot -p${redacted} db`],
  ['postgres://someone:CANARY@db:5432/x', `postgres://redacted@db:5432/x`],
  ['pull https://CANARY@example.com/x: denied', `pull https://redacted@example.com/x: denied`],
  ['eyJhbGciOiJIUzI1NiJ9.eyJDQU5BUlkiOjF9.c2ln', redacted],
  ['AKIAIOSFODNN7EXAMPLE', redacted],
  ['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', redacted],
  ['x Zk3pQ9rT2vW8yB5nM1cX7dF4gH6jL0aS x', `x ${redacted} x`],
  // One switch more than what is kept below.
  ['abcABC012abcABC012abAB01abA', redacted],
  ['0123456789abcdef0123456789abcdef', redacted],
  ['-----BEGIN RSA PRIVATE KEY-----\nCANARY\n-----END RSA PRIVATE KEY-----', redacted],
];

const harmless = [
  'see a1b2c3d4e5f6g7h8i9j0k1l2m3n4 of the run',
  'getHttpHandlerForAbcDefGhiJklMno',
  // Nine switches in 26 characters.
  'abcABC012abcABC012abAB01ab',
  '/usr/bin/redis-server',
  '--token-file=/var/run/token',
  '--tls-private-key-file=/etc/tls/tls.key',
  '--authorization-mode=Node,RBAC',
  '--feature-gates=InPlacePodVerticalScaling=true,NodeLogQuery=true',
  '--password=$(PASSWORD)',
  '--password ${PASSWORD}',
  'MountVolume.SetUp failed for volume "x" : secret "redis-pass" not found',
  'docker-pullable://redis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  'registry.k8s.io/pause@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  '/usr/local/lib/Python3/SitePackagesLongName/Module',
  'http://example.com/a?b=c',
];

describe('redactText', () => {
  test.each(secrets)('takes the secret out of %j', (text, expected) => {
    expect(redactText(text, true)).toBe(expected);
  });

  test.each(harmless)('leaves %j as it is', (text) => {
    expect(redactText(text, true)).toBe(text);
  });

  test('leaves a checksum in an annotation, whose change is a change', () => {
    const checksum = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';
    expect(redactText(checksum)).toBe(checksum);
  });

  test('says the same when it is asked again', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...secrets.map(([text]) => text), ...harmless, ' ', ';', '"')), (parts) => {
        const once = redactText(parts.join(' '), true);
        expect(redactText(once, true)).toBe(once);
      }),
    );
  });

  test.each([
    'password',
    'eyJ',
    '=',
    '://',
    '-----BEGIN PRIVATE KEY-----',
    '--token ',
    '"\\',
    'token="\\a',
    '-u ',
    'a:',
    'a=',
    'password:',
    'token://',
    'auth=basic,',
    'a=password=/etc/x=',
    "x: 'password=",
  ])('comes back from half a megabyte of %j', (piece) => {
    const text = piece.repeat(Math.ceil(500_000 / piece.length));
    expect(typeof redactText(text, true)).toBe('string');
  });
});

test.each([redacted, `${redacted} (12 more characters)`, '$(PASSWORD)', '/etc/tls/tls.key', 'true'])(
  '%j stands for a secret only',
  (value) => {
    expect(isHarmlessValue(value)).toBe(true);
  },
);

test.each(['hunter2', `x${redacted}`, '$PASSWORD1$', '/etc/tls x'])('%j may be a secret', (value) => {
  expect(isHarmlessValue(value)).toBe(false);
});

describe('secretName', () => {
  test.each(['password', 'DB_PASSWORD', '--api-key', 'clientSecret', 'AWS_SECRET_ACCESS_KEY'])(
    '%s holds a secret',
    (name) => {
      expect(secretName(name)).toBe(true);
    },
  );

  test.each(['--token-file', 'secretName', 'authorization-mode', 'replicas', 'tokenTTL'])('%s holds none', (name) => {
    expect(secretName(name)).toBe(false);
  });
});
