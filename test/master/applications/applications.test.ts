// Which application a resource is a part of, and why.
import { describe, expect, test } from 'vitest';
import { markOf } from '../../../master/applications/mark.ts';
import { typeOfReference } from '../../../src/ids.ts';
import type { ApplicationAnnotation, KubernetesObject } from '../../../src/model.ts';
import { createGraph, graphOf, kindNamed } from '../../support/random-cluster.ts';

function object(
  apiVersion: string,
  kind: string,
  name: string,
  metadata: object = {},
  rest: object = {},
): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace: 'shop', uid: `${kind}-${name}`, ...metadata }, ...rest };
}

const ownedBy = (apiVersion: string, kind: string, name: string) => ({
  ownerReferences: [{ apiVersion, kind, name, uid: `${kind}-${name}`, controller: true }],
});

function applicationsOf(objects: readonly KubernetesObject[]): Map<string, ApplicationAnnotation | undefined> {
  const graph = createGraph();
  for (const each of objects) {
    const type = typeOfReference(each.apiVersion ?? 'v1', each.kind ?? '');
    graph.store.sinkOf(kindNamed(type)).event('ADDED', structuredClone(each) as KubernetesObject);
  }
  return new Map(graphOf(graph.engine).resources.map(({ id, annotations }) => [id, annotations.application]));
}

describe('a mark', () => {
  test.each([
    {
      of: 'part-of before instance',
      labels: { 'app.kubernetes.io/instance': 'b', 'app.kubernetes.io/part-of': 'a' },
      name: 'a',
      field: 'metadata.labels["app.kubernetes.io/part-of"]',
    },
    {
      of: 'instance before name',
      labels: { 'app.kubernetes.io/name': 'b', 'app.kubernetes.io/instance': 'a' },
      name: 'a',
      field: 'metadata.labels["app.kubernetes.io/instance"]',
    },
    {
      of: 'a release of Helm',
      annotations: { 'meta.helm.sh/release-name': 'a' },
      name: 'a',
      field: 'metadata.annotations["meta.helm.sh/release-name"]',
    },
    {
      of: 'what Argo CD tracks',
      annotations: { 'argocd.argoproj.io/tracking-id': 'argo_a:apps/Deployment:shop/x' },
      name: 'a',
      field: 'metadata.annotations["argocd.argoproj.io/tracking-id"]',
    },
    {
      of: 'the label of Argo CD',
      labels: { 'argocd.argoproj.io/instance': 'a' },
      name: 'a',
      field: 'metadata.labels["argocd.argoproj.io/instance"]',
    },
    {
      of: 'a Kustomization of Flux',
      labels: { 'kustomize.toolkit.fluxcd.io/name': 'a' },
      name: 'a',
      field: 'metadata.labels["kustomize.toolkit.fluxcd.io/name"]',
    },
  ])('is $of', ({ labels, annotations, name, field }) => {
    const metadata = { name: 'x', ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
    expect(markOf({ metadata } as KubernetesObject)).toEqual({ name, field });
  });

  test.each([
    { labels: 'x' },
    { labels: { 'app.kubernetes.io/part-of': '' } },
    { labels: { 'app.kubernetes.io/part-of': 7 } },
    { labels: null, annotations: ['x'] },
    { annotations: { 'argocd.argoproj.io/tracking-id': 'no colon' } },
    {},
  ])('is none in %j', (metadata) => {
    expect(markOf({ metadata: { name: 'x', ...metadata } } as unknown as KubernetesObject)).toBeUndefined();
  });
});

const template = {
  template: { spec: { containers: [{ name: 'c', envFrom: [{ configMapRef: { name: 'settings' } }] }] } },
};
const deployment = (name: string, labels: object = {}) =>
  object('apps/v1', 'Deployment', name, { labels }, { spec: template });
const replicaSet = (name: string, owner: string) =>
  object('apps/v1', 'ReplicaSet', name, ownedBy('apps/v1', 'Deployment', owner));
const pod = (name: string, owner: string, labels: object) =>
  object(
    'v1',
    'Pod',
    name,
    { labels, ...ownedBy('apps/v1', 'ReplicaSet', owner) },
    { spec: { containers: [{ name: 'c' }] } },
  );

describe('an application', () => {
  test('is that of the topmost owner, down to the containers', () => {
    const found = applicationsOf([deployment('web'), replicaSet('web-1', 'web'), pod('web-1-a', 'web-1', {})]);
    expect(found.get('Deployment:shop/web')).toEqual({ name: 'web', field: 'metadata.name' });
    const from = 'Deployment:shop/web';
    expect(found.get('ReplicaSet:shop/web-1')).toEqual({ name: 'web', field: 'metadata.ownerReferences[0]', from });
    expect(found.get('Pod:shop/web-1-a')).toEqual({ name: 'web', field: 'metadata.ownerReferences[0]', from });
    expect(found.get('Container:shop/web-1-a/c')).toEqual({ name: 'web', field: 'spec.containers[0]', from });
  });

  test("is the owner's mark before an own one, and an own one before an owner's name", () => {
    const part = (name: string) => ({ 'app.kubernetes.io/part-of': name });
    const marked = applicationsOf([
      deployment('web', part('shop')),
      replicaSet('r', 'web'),
      pod('p', 'r', part('other')),
    ]);
    expect(marked.get('Pod:shop/p')).toMatchObject({ name: 'shop', from: 'Deployment:shop/web' });
    const own = applicationsOf([deployment('web'), replicaSet('r', 'web'), pod('p', 'r', part('other'))]);
    expect(own.get('Pod:shop/p')).toMatchObject({ name: 'other' });
  });

  test('goes from Pods to their Service, and on to what routes to it', () => {
    const found = applicationsOf([
      deployment('web'),
      replicaSet('r', 'web'),
      pod('p', 'r', { app: 'web' }),
      object('v1', 'Service', 's', {}, { spec: { selector: { app: 'web' } } }),
      object('networking.k8s.io/v1', 'Ingress', 'i', {}, { spec: { defaultBackend: { service: { name: 's' } } } }),
    ]);
    expect(found.get('Service:shop/s')).toEqual({ name: 'web', field: 'spec.selector', from: 'Deployment:shop/web' });
    expect(found.get('Ingress:shop/i')).toMatchObject({ name: 'web', field: 'spec.defaultBackend.service' });
  });

  test('has the configuration that it alone uses; what two use is shared', () => {
    const settings = object('v1', 'ConfigMap', 'settings');
    const alone = applicationsOf([settings, deployment('web')]).get('ConfigMap:shop/settings');
    expect(alone).toMatchObject({ name: 'web', from: 'Deployment:shop/web' });
    const both = applicationsOf([settings, deployment('web'), deployment('jobs')]).get('ConfigMap:shop/settings');
    expect(both).toEqual({ name: 'shared', field: '', shared: true });
    expect(applicationsOf([settings]).get('ConfigMap:shop/settings')).toBeUndefined();
  });

  test('ends where owners own each other in a circle', () => {
    const circle = ['a', 'b', 'c'].map((name, i, all) =>
      object('apps/v1', 'ReplicaSet', name, ownedBy('apps/v1', 'ReplicaSet', all[(i + 1) % all.length] ?? '')),
    );
    const found = applicationsOf(circle);
    expect(found.get('ReplicaSet:shop/a')).toBeUndefined();
    const below = applicationsOf([
      ...circle,
      object('apps/v1', 'ReplicaSet', 'd', ownedBy('apps/v1', 'ReplicaSet', 'a')),
    ]);
    expect(below.get('ReplicaSet:shop/d')).toBeUndefined();
  });

  test('is not that of a Node that owns the mirror of a static Pod', () => {
    const mirror = object('v1', 'Pod', 'static-a', ownedBy('v1', 'Node', 'n'), { spec: { containers: [] } });
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', uid: 'Node-n' } };
    expect(applicationsOf([node, mirror]).get('Pod:shop/static-a')).toEqual({
      name: 'static-a',
      field: 'metadata.name',
    });
  });
});
