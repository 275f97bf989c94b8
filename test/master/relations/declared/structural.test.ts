import { expect, test } from 'vitest';
import { createInfer } from '../../../../master/ingest/infer.ts';
import { RuleBook } from '../../../../master/relations/book.ts';
import type { Declaration } from '../../../../master/relations/declared/declaration.ts';
import type { End } from '../../../../master/relations/relation.ts';
import { typeOfReference } from '../../../../src/ids.ts';
import type { KubernetesObject } from '../../../../src/model.ts';

function endOf(end: End | undefined): string {
  if (end?.by === 'name' || end?.by === 'uid')
    return `${end.type}:${end.namespace ? `${end.namespace}/` : ''}${end.name}`;
  return end?.by === 'first' ? end.of.map(endOf).join(' or ') : 'other';
}

/** References of an object of an undescribed kind. */
function said(
  spec: object,
  {
    declarations = [],
    metadata = {},
    kind = 'Thing',
  }: { declarations?: Declaration[]; metadata?: object; kind?: string } = {},
) {
  const book = new RuleBook();
  book.declare(declarations);
  const object = {
    apiVersion: 'odd.example.com/v1',
    kind,
    metadata: { name: 'it', namespace: 'shop', ...metadata },
    spec,
  } as KubernetesObject;
  const infer = createInfer(book.all, ({ error }) => {
    throw error;
  });
  return infer(typeOfReference(object.apiVersion, kind), object)
    .filter(
      ({ rule, reference }) =>
        rule.relation !== 'contains' && reference.states === undefined && reference.when === undefined,
    )
    .filter(({ reference }) => reference.source === undefined && reference.target?.by !== 'key')
    .map(({ rule, reference }) => `${rule.relation} ${endOf(reference.target)} by ${reference.field}`);
}

test('an object that is named by kind is referred to, wherever it stands', () => {
  expect(said({ a: [[{ b: { kind: 'Deployment', apiVersion: 'apps/v1', name: 'web' } }]] })).toEqual([
    'refersTo Deployment:shop/web by spec.a[0][0].b',
  ]);
  expect(said({ ref: { kind: 'Gadget', group: 'other.example.com', name: 'g', namespace: 'elsewhere' } })).toEqual([
    'refersTo Gadget.other.example.com:elsewhere/g by spec.ref',
  ]);
});

test('a kind without a group, that may be of several, is meant only where it is there', () => {
  expect(said({ ref: { kind: 'Gadget', name: 'g' } })).toEqual([
    'refersTo Gadget.odd.example.com:shop/g or Gadget.odd.example.com:g by spec.ref',
  ]);
});

test('fields tell by their names what they name', () => {
  const spec = {
    tlsSecretName: 's1',
    auth: { secretRef: { name: 's2' } },
    configMapRef: { name: 'c' },
    serviceAccountName: 'acc',
    storageClassName: 'fast',
    nodeName: 'n1',
    pullSecretRefs: [{ name: 's3' }],
  };
  expect(said(spec).toSorted()).toEqual([
    'refersTo Node:n1 by spec.nodeName',
    'runsAs ServiceAccount:shop/acc by spec.serviceAccountName',
    'uses ConfigMap:shop/c by spec.configMapRef',
    'uses Secret:shop/s1 by spec.tlsSecretName',
    'uses Secret:shop/s2 by spec.auth.secretRef',
    'uses Secret:shop/s3 by spec.pullSecretRefs[0]',
    'uses StorageClass:fast by spec.storageClassName',
  ]);
});

test('of an object in no namespace only what says its namespace can be named', () => {
  const outside = { metadata: { namespace: undefined } };
  expect(said({ secretRef: { name: 's' }, other: { secretRef: { name: 's', namespace: 'a' } } }, outside)).toEqual([
    'uses Secret:a/s by spec.other.secretRef',
  ]);
});

test('objects that are written out in it, and objects of another cluster, are not referred to', () => {
  const inner = { apiVersion: 'v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { secretRef: { name: 's' } } };
  expect(said({ manifests: [inner] })).toEqual([]);
  const remote = {
    kubeConfig: { secretRef: { name: 'key' } },
    target: { kind: 'Deployment', name: 'web' },
    tls: { secretRef: { name: 's' } },
  };
  expect(said(remote)).toEqual(['uses Secret:shop/key by spec.kubeConfig.secretRef']);
});

test('a template of Pods at any place says what a Pod says', () => {
  const containers = [{ name: 'c', image: 'i', envFrom: [{ configMapRef: { name: 'env' } }] }];
  const spec = {
    pools: [{ podTemplate: { metadata: { labels: { a: 'b' } }, spec: { serviceAccountName: 'acc', containers } } }],
  };
  expect(said(spec)).toEqual(
    expect.arrayContaining([
      'runsAs ServiceAccount:shop/acc by spec.pools[0].podTemplate.spec.serviceAccountName',
      'uses ConfigMap:shop/env by spec.pools[0].podTemplate.spec.containers[0].envFrom[0].configMapRef',
    ]),
  );
  expect(said({ podSpec: { containers } })).toContain(
    'uses ConfigMap:shop/env by spec.podSpec.containers[0].envFrom[0].configMapRef',
  );
});

test('a rule of the kind takes the place of what structure tells, by field', () => {
  const rule: Declaration = { rule: 'own', from: 'Thing.odd.example.com', name: 'spec.tlsSecretName', to: 'ConfigMap' };
  expect(said({ tlsSecretName: 's', secretName: 't' }, { declarations: [rule] }).toSorted()).toEqual([
    'uses ConfigMap:shop/s by spec.tlsSecretName',
    'uses Secret:shop/t by spec.secretName',
  ]);
});

test.each([
  ['references', 'refersTo Deployment:shop/web by spec.ref'],
  ['names', 'uses Secret:shop/s by spec.secretName'],
  ['templates', 'runsAs ServiceAccount:shop/default by spec.template.spec.serviceAccountName'],
] as const)('a kind can do without %s', (without, gone) => {
  const spec = {
    ref: { kind: 'Deployment', name: 'web' },
    secretName: 's',
    template: { spec: { containers: [{ image: 'i' }] } },
  };
  expect(said(spec)).toContain(gone);
  const declarations: Declaration[] = [{ rule: 'off', from: 'Thing.odd.example.com', without: [without] }];
  expect(said(spec, { declarations })).not.toContain(gone);
});

test('what there is more of than is taken of one object is counted', () => {
  const book = new RuleBook();
  const refs = Array.from({ length: 700 }, (_, i) => ({ kind: 'Secret', name: `s${i}` }));
  const object = {
    apiVersion: 'odd.example.com/v1',
    kind: 'Thing',
    metadata: { name: 'it', namespace: 'n' },
    spec: { refs },
  };
  const found = createInfer(book.all, () => undefined)('Thing.odd.example.com', object as KubernetesObject);
  const references = found.filter(({ rule }) => rule.name === 'structural-reference');
  expect(references).toHaveLength(500);
  expect(references.at(-1)?.reference.notes).toEqual({ leftOut: 200 });
});
