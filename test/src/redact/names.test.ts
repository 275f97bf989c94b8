import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactArguments, redactText } from '../../../src/redact/command.ts';
import { secretName, secretParameter } from '../../../src/redact/names.ts';
import { redactTree } from '../../../src/redact/tree.ts';

const words = (text: string): string[] => text.trim().split(/\s+/);
const secret = words(`
  secret connectionString dsn authorization bearer cookie passcode signingKey encryptionKey masterKey sharedKey psk tls.key
  passwords password token SSH_KEY JWT_KEY HMAC_KEY REDISCLI_AUTH ENCRYPTION_KEY SECRET_KEY_BASE PGPASSWORD restuserpassword
  splunk-token requirepass apiKey api_key API-KEY apikey clientSecret AWS_SECRET_ACCESS_KEY client-key-data passwordBase64
  TOKEN_2 secret_id accessKeyId userData .dockerconfigjson id_rsa MYSQL_ROOT_PASSWORD X-Api-Key storepass keypass privateKey
  _authToken cookieSecret DB_PASS smtp_pwd bindpw integrationKey server-key unsealKeys AUTH_SALT GITHUB_PAT sasToken
  account_key credentials creds HMACKey sentryDsn X-Vault-Token secretString passwordHash pre_shared_key webhook-token`);
const harmless = words(`
  secretName tokenExpirationSeconds token-file topologyKey public_key publicKey matchLabelKeys labelKey secretRef secretKeyRef
  passwordSecretRef imagePullSecrets existingSecret authorization-mode tokenTTL replicas maxTokens max_tokens tokenizer
  SandboxKey compass bypass authMode client-auth-type secretProviderClass secretStoreRef tokenUrl key keys name author
  authority monkey keyFile tls-private-key-file service-account-key-file checksum/secret secretObjects valuesKey
  imagePullPolicy kubernetes.io/service-account.name passThrough tokenRequests auth-tls-secret hostname privateKeyPath`);

/** The same words in other spellings. */
const spellings = fc.constantFrom<(parts: readonly string[]) => string>(
  (parts) => parts.join('_'),
  (parts) => parts.join('-'),
  (parts) => parts.join('.'),
  (parts) => parts.join('_').toUpperCase(),
  (parts) => parts.map((part, i) => (i === 0 ? part : part.charAt(0).toUpperCase() + part.slice(1))).join(''),
  (parts) => parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join(''),
);
const compounds = [
  ['client', 'secret'],
  ['ssh', 'key'],
  ['db', 'password'],
  ['auth', 'token'],
  ['connection', 'string'],
  ['encryption', 'key'],
  ['access', 'key', 'id'],
  ['root', 'pwd'],
  ['sentry', 'dsn'],
];
const references = [
  ['token', 'file'],
  ['secret', 'name'],
  ['topology', 'key'],
  ['public', 'key'],
  ['token', 'expiration', 'seconds'],
  ['password', 'secret', 'ref'],
  ['max', 'tokens'],
  ['authorization', 'mode'],
];

describe('a name', () => {
  test.each(secret)('%s holds a secret', (name) => expect(secretName(name)).toBe(true));
  test.each(harmless)('%s holds none', (name) => expect(secretName(name)).toBe(false));

  test('is the same name however its words are joined', () => {
    fc.assert(
      fc.property(fc.constantFrom(...compounds), fc.constantFrom(...references), spellings, (one, other, join) => {
        expect(secretName(join(one))).toBe(true);
        expect(secretName(join(other))).toBe(false);
      }),
    );
  });

  test('that holds a secret holds it as a field, a variable, a flag, in text, in a list of settings and in a query', () => {
    fc.assert(
      fc.property(fc.constantFrom(...secret), fc.stringMatching(/^Q[a-z]{8}Q$/), (name, canary) => {
        const list = [`--${name}`, canary, `--${name}=${canary}`];
        redactArguments(list);
        const tree = {
          [name]: canary,
          other: { [name]: { deep: [canary] } },
          list: [
            { name, value: canary },
            { key: name, valueString: canary },
          ],
          number: { [name]: 12345678 },
        };
        redactTree(tree);
        const texts = [
          `x ${name}=${canary} y`,
          `${name}: "${canary}"`,
          `{"${name}":"${canary}"}`,
          `--${name} ${canary}`,
          `https://h/?${name}=${canary}`,
        ];
        for (const text of [
          ...list,
          JSON.stringify(tree),
          ...texts.map((text) => redactText(text)),
          ...texts.map((text) => redactText(text, true)),
        ])
          expect(text).not.toMatch(new RegExp(`${canary}|12345678`));
      }),
      { numRuns: 300 },
    );
  });

  test.each(['sig', 'code', 'key', 'auth', 'X-Amz-Signature', 'token', '%6bey', 'api_key'])(
    '%s of a query holds a secret',
    (name) => {
      expect(secretParameter(name)).toBe(true);
    },
  );

  test.each(['q', 'name', 'page', 'labelSelector', 'format', 'root', '%zz'])('%s of a query holds none', (name) => {
    expect(secretParameter(name)).toBe(false);
  });
});
