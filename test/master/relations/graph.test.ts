// The gaps that other tools' users report, seen in the graph itself: rules, store and engine together.
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../../src/model.ts';
import { createGraph, graphOf, kindNamed } from '../../support/random-cluster.ts';
import { clusterObject, object, pod } from '../../support/rule-cases.ts';

/** `source relation target` of every relation but containment, with what is missing marked. */
function relationsOf(...objects: readonly KubernetesObject[]): string[] {
  const { engine, store } = createGraph();
  for (const type of new Set(objects.map(({ kind }) => kind as string))) {
    const sink = store.sinkOf(kindNamed(type));
    const list = sink.list();
    const items = objects.filter(({ kind }) => kind === type).map((each) => structuredClone(each));
    void list.page(items.map((each, i) => ({ ...each, metadata: { uid: `${type}-${i}`, ...each.metadata } })));
    void list.commit('1');
    sink.state('synced');
  }
  const { relations } = graphOf(engine);
  const told = relations.filter(({ type, annotations }) => type !== 'contains' && annotations.rule !== 'pod-runs-as');
  return told.map(
    ({ source, type, target, annotations }) => `${source} ${type} ${target}${annotations.missing ? ' missing' : ''}`,
  );
}

const rbac = 'rbac.authorization.k8s.io/v1';

test('a RoleBinding to a ClusterRole is not one to the Role of that name', () => {
  const found = relationsOf(
    object(rbac, 'Role', {}, { name: 'edit' }),
    clusterObject(rbac, 'ClusterRole', {}, { name: 'edit' }),
    object(rbac, 'RoleBinding', { roleRef: { kind: 'ClusterRole', name: 'edit' } }, { name: 'b' }),
  );
  expect(found).toEqual(['RoleBinding:shop/b grants ClusterRole:edit']);
});

test('a webhook calls the Service of its own namespace, and a missing one is said to be missing', () => {
  const hook = { clientConfig: { service: { namespace: 'ops', name: 'hook' } } };
  const found = relationsOf(
    object('v1', 'Service', {}, { name: 'hook' }),
    clusterObject(
      'admissionregistration.k8s.io/v1',
      'ValidatingWebhookConfiguration',
      { webhooks: [hook] },
      { name: 'v' },
    ),
  );
  expect(found).toEqual(['ValidatingWebhookConfiguration:v calls Service:ops/hook missing']);
});

test('a ReplicationController monitors orphans, and none that another controller has', () => {
  const labels = { app: 'legacy' };
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'ReplicaSet-0', controller: true },
  ];
  const found = relationsOf(
    object('v1', 'ReplicationController', { spec: { selector: labels } }, { name: 'rc' }),
    object('apps/v1', 'ReplicaSet', {}, { name: 'rs' }),
    pod({}, { name: 'orphan', labels }),
    pod({}, { name: 'held', labels, ownerReferences }),
    pod({}, { name: 'elsewhere', namespace: 'other', labels }),
  );
  expect(found).toEqual([
    'ReplicaSet:shop/rs monitors Pod:shop/held',
    'ReplicationController:shop/rc monitors Pod:shop/orphan',
  ]);
});

test('a volume and its claim are bound once, whichever side says so', () => {
  const claimRef = { namespace: 'shop', name: 'data', uid: 'PersistentVolumeClaim-0' };
  const found = relationsOf(
    object('v1', 'PersistentVolumeClaim', { spec: { volumeName: 'pv' } }, { name: 'data' }),
    clusterObject('v1', 'PersistentVolume', { spec: { claimRef } }, { name: 'pv' }),
  );
  expect(found).toEqual(['PersistentVolumeClaim:shop/data boundTo PersistentVolume:pv']);
});

test('a volume that was released by a claim is not bound to the claim that took its name', () => {
  const claimRef = { namespace: 'shop', name: 'data', uid: 'gone' };
  const found = relationsOf(
    object('v1', 'PersistentVolumeClaim', { spec: {} }, { name: 'data' }),
    clusterObject('v1', 'PersistentVolume', { spec: { claimRef } }, { name: 'pv' }),
  );
  expect(found).not.toContain('PersistentVolumeClaim:shop/data boundTo PersistentVolume:pv');
});

test('a claim without a class is provisioned by the newest default class', () => {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const storageClass = (name: string, creationTimestamp: string, more: object) =>
    clusterObject('storage.k8s.io/v1', 'StorageClass', {}, { name, creationTimestamp, ...more });
  const found = relationsOf(
    storageClass('old', '2025-01-01T00:00:00Z', { annotations }),
    storageClass('new', '2026-01-01T00:00:00Z', { annotations }),
    storageClass('newest', '2026-06-01T00:00:00Z', {}),
    object('v1', 'PersistentVolumeClaim', { spec: {} }, { name: 'data' }),
  );
  expect(found).toEqual(['PersistentVolumeClaim:shop/data provisionedBy StorageClass:new']);
});

test('a peer with both selectors allows the Pods that match in the namespaces that match', () => {
  const from = [{ podSelector: { matchLabels: { app: 'web' } }, namespaceSelector: { matchLabels: { team: 'a' } } }];
  const labels = { app: 'web' };
  const found = relationsOf(
    clusterObject('v1', 'Namespace', {}, { name: 'one', labels: { team: 'a' } }),
    clusterObject('v1', 'Namespace', {}, { name: 'two', labels: { team: 'b' } }),
    pod({}, { name: 'in', namespace: 'one', labels }),
    pod({}, { name: 'out', namespace: 'two', labels }),
    pod({}, { name: 'other', namespace: 'one', labels: { app: 'db' } }),
    object('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {}, ingress: [{ from }] } }, { name: 'p' }),
  );
  expect(found).toEqual(['NetworkPolicy:shop/p allowsFrom Pod:one/in']);
});

test('a Service with an empty selector balances nothing, and one with a selector only its namespace', () => {
  const labels = { app: 'web' };
  const found = relationsOf(
    object('v1', 'Service', { spec: { selector: {} } }, { name: 'empty' }),
    object('v1', 'Service', { spec: { selector: labels } }, { name: 'web' }),
    pod({}, { name: 'here', labels }),
    pod({}, { name: 'there', namespace: 'other', labels }),
  );
  expect(found).toEqual(['Service:shop/web loadBalances Pod:shop/here']);
});

test('the mirror of a static Pod is owned by its Node, which lies in no namespace', () => {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'Node-0', controller: true }];
  const found = relationsOf(
    clusterObject('v1', 'Node', {}, { name: 'n1' }),
    pod({}, { name: 'static', ownerReferences }),
  );
  expect(found).toEqual(['Node:n1 owns Pod:shop/static']);
});

test('an HTTPRoute routes to another namespace', () => {
  const { relations } = (() => {
    const { engine, store } = createGraph();
    const rules = [{ backendRefs: [{ name: 'web', namespace: 'other' }] }];
    const route = object('gateway.networking.k8s.io/v1', 'HTTPRoute', { spec: { rules } }, { name: 'r', uid: 'u' });
    store.sinkOf(kindNamed('HTTPRoute.gateway.networking.k8s.io')).event('ADDED', route);
    store
      .sinkOf(kindNamed('Service'))
      .event('ADDED', object('v1', 'Service', {}, { name: 'web', namespace: 'other', uid: 's' }));
    return graphOf(engine);
  })();
  const routed = relations.find(({ type }) => type === 'routesTo');
  expect(routed).toMatchObject({
    source: 'HTTPRoute.gateway.networking.k8s.io:shop/r',
    target: 'Service:other/web',
    annotations: { rule: 'route-backend', field: 'spec.rules[0].backendRefs[0]', needsReferenceGrant: true },
  });
});
