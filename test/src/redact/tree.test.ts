// Nested structures: secrets are recognised by their position, whatever their names.
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactObject } from '../../../src/redact/object.ts';
import { redacted } from '../../../src/redact/text.ts';
import { redactAnnotations, redactTree } from '../../../src/redact/tree.ts';

const secret = (value: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's' },
  data: { any: value },
  stringData: { more: value },
});
const yaml = (value: string) =>
  `# first\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\nkind: Secret\ndata:\n  any: ${value}\n`;
const base64 = (text: string | Uint8Array) => Buffer.from(text as string).toString('base64');

/** How various projects wrap an object. */
const wrapped: readonly ((value: string) => unknown)[] = [
  (value) => ({ workload: { manifests: [secret(value)] } }),
  (value) => ({ resources: [{ kind: 'List', items: [secret(value)] }] }),
  (value) => ({ objects: [{ kind: 'SecretList', items: [{ data: { any: value } }] }] }),
  (value) => ({ generate: { kind: 'Secret', name: 's', data: { data: { any: value } } } }),
  (value) => ({ template: { type: 'Opaque', data: { any: value } } }),
  (value) => ({ resources: [{ name: 'a.yaml', content: yaml(value) }] }),
  (value) => ({ content: base64(gzipSync(yaml(value))) }),
  (value) => ({ content: base64(yaml(value)) }),
  (value) => ({ content: base64(base64(JSON.stringify(secret(value)))) }),
  (value) => ({ raw: JSON.stringify([{ deep: secret(value) }]) }),
  (value) => ({ raw: JSON.stringify({ inner: JSON.stringify(secret(value)) }) }),
  (value) => ({ files: [{ contents: { source: `data:text/plain;base64,${value}` } }] }),
  (value) => ({ values: `auth:\n  passwords:\n    - ${value}\nenv:\n  - {name: A, value: ${value}}\n` }),
  (value) => ({ values: `{{ broken }}: [\nkind: Secret\ndata:\n  any: ${value}\n` }),
  (value) => ({ values: `a: &x\n  password: ${value}\nb:\n  <<: *x\n` }),
  (value) => ({ big: `password:\n  - ${value}\n${'a: b\n'.repeat(20_000)}` }),
];

const { tree: anyTree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, true, 0, 7.5, ''),
    fc.stringMatching(/^v[a-z]{5}$/),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^f[a-z]{4}$/), tie('tree'), { maxKeys: 3 }),
  ),
}));

describe('an object inside another', () => {
  test.each(wrapped.map((wrap, index) => [index, JSON.stringify(wrap('V')).slice(0, 60), wrap] as const))(
    '%i hides what is secret: %s',
    (_index, _text, wrap) => {
      fc.assert(
        fc.property(fc.stringMatching(/^Q[a-z0-9]{20}Q$/), (value) => {
          const spec = wrap(value);
          const object = { apiVersion: 'any.example.com/v1', kind: 'Any', metadata: { name: 'x' }, spec };
          redactObject(object as never);
          const shown = JSON.stringify(object);
          for (const one of [value, base64(value)]) expect(shown).not.toContain(one);
          const annotations = { 'example.com/it': JSON.stringify(wrap(value)) };
          redactAnnotations(annotations);
          expect(JSON.stringify(annotations)).not.toContain(value);
        }),
        { numRuns: 5 },
      );
    },
  );

  test('keeps the names, and what is beside the secret', () => {
    const spec = {
      manifests: [secret('x'), { kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' } } }],
    };
    redactTree(spec);
    expect(spec.manifests[0]).toMatchObject({ metadata: { name: 's' }, data: { any: redacted } });
    expect(spec.manifests[1]).toEqual({
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' } },
    });
    const text = { content: yaml('x') };
    redactTree(text);
    expect(text.content).toContain('name: c');
  });
});

test('what relation rules and readers of any kind rely on stays as it is', () => {
  const spec = {
    endpoints: [
      {
        basicAuth: { username: { name: 's', key: 'u' }, password: { name: 's', key: 'p' } },
        authorization: { type: 'Bearer', credentials: { name: 't', key: 'k' } },
      },
    ],
    template: {
      spec: {
        automountServiceAccountToken: false,
        imagePullSecrets: [{ name: 'registry' }],
        volumes: [
          { name: 'password', secret: { secretName: 'db', defaultMode: 420, items: [{ key: 'a', path: 'b' }] } },
          {
            name: 'token',
            projected: {
              sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }, { secret: { name: 'z' } }],
            },
          },
        ],
        containers: [
          {
            name: 'c',
            env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
            envFrom: [{ secretRef: { name: 'e' } }],
          },
        ],
      },
    },
    valuesFrom: [{ kind: 'Secret', name: 'v', valuesKey: 'x' }],
    matchExpressions: [{ key: 'token', operator: 'In', values: ['a'] }],
    existingSecret: 'x',
    tlsSecret: 'y',
    secretStoreRef: { name: 's', kind: 'SecretStore' },
    credentialName: 'c',
    privateKeySecretRef: { name: 'pk' },
    certificateRefs: [{ kind: 'Secret', name: 'tls' }],
    writeConnectionSecretToRef: { name: 'a', namespace: 'b' },
    topologyKey: 'zone',
    enabledToken: true,
    caBundle: base64(`-----BEGIN CERTIFICATE-----\n${'MIIB'.repeat(30)}\n-----END CERTIFICATE-----\n`),
    digest: `sha256:${'0123456789abcdef'.repeat(4)}`,
    uid: '0a1b2c3d-0000-4000-8000-000000000000',
    secrets: ['a', 'b'],
  };
  const object = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    metadata: { name: 'p', annotations: { 'nginx.ingress.kubernetes.io/auth-secret': 'ns/auth' } },
    spec,
  };
  const before = structuredClone(object);
  redactObject(object as never);
  expect(object).toEqual(before);
});

test('what is switched on or off, or not set, is no secret whatever it is called', () => {
  const tree = { password: true, tls: { privateKey: null }, token: false, credentials: undefined };
  const before = structuredClone(tree);
  redactTree(tree);
  expect(tree).toEqual(before);
});

test('under a secret’s name everything goes, whatever its type and depth', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('password', 'apiTokens', 'tls.key', 'stringData', 'credentials'),
      anyTree,
      (name, value) => {
        const tree = { [name]: structuredClone(value) };
        redactTree(tree);
        const leaves = (one: unknown): unknown[] =>
          typeof one === 'object' && one !== null ? Object.values(one).flatMap(leaves) : [one];
        expect(
          leaves(tree).every((leaf) => leaf === redacted || leaf === '' || typeof leaf === 'boolean' || leaf === null),
        ).toBe(true);
      },
    ),
  );
});

test.each(['{"a":', '[', '- a: ', 'kind: Secret\n', '&a ', '*a ', '---\n', 'QUJD', '"\\', 'env:\n', '{{', '? '])(
  'comes back from 200 kB of %j',
  (piece) => {
    const tree = { text: piece.repeat(200_000 / piece.length), line: `a: b\n${piece.repeat(20_000 / piece.length)}` };
    redactTree(tree);
    expect(typeof tree.text).toBe('string');
  },
);

test.each(['spec', 'password', 'secretRef', 'env'])(
  'what nests deeper than anything does is cut, not walked: %s',
  (name) => {
    let value: unknown = 'CANARY';
    for (let i = 0; i < 20_000; i++) value = i % 2 === 0 ? { [name]: value } : [value];
    const tree = { [name]: value, beside: 'it' };
    redactTree(tree);
    expect(tree.beside).toBe('it');
    expect(JSON.stringify(tree)).not.toContain('CANARY');
  },
);

test.each([
  [{ secretKeyRef: { name: 'db', key: 'pw' } }],
  [{ valueFrom: { secretKeyRef: { name: 'db', key: 'pw', optional: true } } }],
  [{ passwordRef: { name: 'db' } }],
])('where a secret is may be seen under its name: %j', (place) => {
  const object = { password: structuredClone(place) };
  redactTree(object);
  expect(object).toEqual({ password: place });
});

test.each([
  [{ secretKeyRef: { name: 'db', value: 'CANARY' } }],
  [{ valueFrom: { key: 'CANARY' } }],
  [{ secretKeyRef: { name: 'db' }, also: 'CANARY' }],
])('what only looks like such a place is taken away: %j', (place) => {
  const object = { password: structuredClone(place) };
  redactTree(object);
  expect(JSON.stringify(object)).not.toContain('CANARY');
});
