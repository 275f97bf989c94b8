import { expect, test } from 'vitest';
import { controllerOf, managementOf } from '../../actor/managed.ts';
import type { KubernetesObject } from '../../src/model.ts';

const object = (metadata: object) =>
  ({ kind: 'Deployment', metadata: { name: 'web', ...metadata } }) as KubernetesObject;
const by = (manager: string, subresource?: string) => ({
  managedFields: [{ manager, operation: 'Apply', ...(subresource && { subresource }) }],
});

const cases: readonly [string, object, string | undefined, RegExp][] = [
  ['nobody', {}, undefined, /^$/],
  ['a person with kubectl', by('kubectl-edit'), undefined, /^$/],
  ['a chart whose label Argo CD would use, too', { labels: { 'app.kubernetes.io/instance': 'x' } }, undefined, /^$/],
  [
    'Argo CD by its tracking id',
    { annotations: { 'argocd.argoproj.io/tracking-id': 'ns_app:apps/Deployment:a/b' } },
    'argocd',
    /Application ns_app$/,
  ],
  [
    'Argo CD by the label, where it is the manager',
    { ...by('argocd-controller'), labels: { 'app.kubernetes.io/instance': 'x' } },
    'argocd',
    /Application x$/,
  ],
  ['Argo CD as the manager alone', by('argocd-application-controller'), 'argocd', /its Argo CD Application/],
  ['Argo CD that wrote the status alone', by('argocd-controller', 'status'), undefined, /^$/],
  [
    'Flux by a HelmRelease',
    { labels: { 'helm.toolkit.fluxcd.io/name': 'r', 'helm.toolkit.fluxcd.io/namespace': 'n' } },
    'flux',
    /HelmRelease n\/r$/,
  ],
  ['Flux as the manager alone', by('kustomize-controller'), 'flux', /its Flux Kustomization/],
  [
    'Fleet',
    { labels: { 'objectset.rio.cattle.io/hash': 'h' }, annotations: { 'objectset.rio.cattle.io/id': 'b' } },
    'fleet',
    /Bundle b/,
  ],
  [
    'Config Sync',
    {
      annotations: { 'configmanagement.gke.io/managed': 'enabled', 'configmanagement.gke.io/source-path': 'a/b.yaml' },
    },
    'configsync',
    /^a\/b\.yaml/,
  ],
  ['Config Sync, switched off', { annotations: { 'configmanagement.gke.io/managed': 'disabled' } }, undefined, /^$/],
  [
    'Helm',
    {
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'r', 'meta.helm.sh/release-namespace': 'n' },
    },
    'helm',
    /Helm release n\/r$/,
  ],
  ['fields of other shapes', { labels: 7, annotations: ['x'], managedFields: 'many' }, undefined, /^$/],
];

test.each(cases)('managed by %s', (_what, metadata, manager, place) => {
  const found = managementOf(object(metadata));
  expect(found?.by).toBe(manager);
  expect(found?.place ?? '').toMatch(place);
});

test('the owner that counts is the one that controls', () => {
  const owner = (name: string, controller?: boolean) => ({
    apiVersion: 'v1',
    kind: 'Kafka',
    name,
    uid: name,
    ...(controller === undefined ? {} : { controller }),
  });
  expect(controllerOf(object({ ownerReferences: [owner('a'), owner('b', false), owner('c', true)] }))).toBe('Kafka/c');
  expect(controllerOf(object({ ownerReferences: [owner('a')] }))).toBeUndefined();
  expect(controllerOf(object({}))).toBeUndefined();
});
