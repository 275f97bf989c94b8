// Gaps that users of other tools report, checked in the graph: with rules, store and engine.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../../src/model.ts';
import { createGraph, graphOf, kindNamed } from '../../support/random-cluster.ts';
import { clusterObject, object, pod } from '../../support/rule-cases.ts';

/** `source relation target` of every relation except containment, with missing ends marked. */
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

test.each([
  ['an empty selector', {}, ['Pod:one/in', 'Pod:two/in']],
  ['no labels and no expressions', { matchLabels: {}, matchExpressions: [] }, ['Pod:one/in', 'Pod:two/in']],
  ['the name', { matchLabels: { 'kubernetes.io/metadata.name': 'two' } }, ['Pod:two/in']],
  [
    'any name but one',
    { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['two'] }] },
    ['Pod:one/in'],
  ],
  ['a label that nothing is known of', { matchLabels: { team: 'a' } }, []],
  ['the lack of a label', { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] }, []],
])('of Namespaces that nobody has shown, %s chooses what it can be said to', (_, namespaceSelector, targets) => {
  const labels = { app: 'web' };
  const from = [{ podSelector: { matchLabels: labels }, namespaceSelector }];
  const spec = { podSelector: {}, ingress: [{ from }] };
  const found = relationsOf(
    object('networking.k8s.io/v1', 'NetworkPolicy', { spec }, { name: 'p', namespace: 'three' }),
    pod({}, { name: 'in', namespace: 'one', labels }),
    pod({}, { name: 'in', namespace: 'two', labels, uid: 'another' }),
    pod({}, { name: 'other', namespace: 'one', labels: { app: 'db' }, uid: 'third' }),
  );
  const policy = 'NetworkPolicy:three/p allowsFrom';
  expect(found).toEqual(targets.map((target) => `${policy} ${target}`));
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

// --- cases of several objects -------------------------------------------------------------------------------------

const labels = { app: 'web' };
const containers = [{ name: 'main', image: 'nginx' }];
const template = { metadata: { labels }, spec: { containers } };
const deployed = (name: string, fields: object = {}) =>
  object('apps/v1', 'Deployment', { spec: { replicas: 0, template, ...fields } }, { name });
const selecting = (name: string) => object('v1', 'Service', { spec: { selector: labels } }, { name });
const inPhase = (name: string, phase: string) => ({ ...pod({}, { name, labels }), status: { phase } });
const sliceOf = (service: string, endpoints: object[], metadata: object = {}) =>
  object(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    { endpoints },
    { name: `${service}-x`, labels: { 'kubernetes.io/service-name': service }, ...metadata },
  );
const leadingTo = (found: readonly string[], source: string) =>
  found.filter((each) => each.startsWith(`${source} loadBalances`)).map((each) => each.split(' ').at(-1));

test('manifests are a graph before they run: what selects Pods selects templates of every kind that has them', () => {
  const policy = object(
    'policy/v1',
    'PodDisruptionBudget',
    { spec: { selector: { matchLabels: labels } } },
    { name: 'b' },
  );
  const found = relationsOf(
    selecting('web'),
    policy,
    deployed('web'),
    object('batch/v1', 'CronJob', { spec: { jobTemplate: { spec: { template } } } }, { name: 'nightly' }),
    object('apps/v1', 'DaemonSet', { spec: { template: { ...template, metadata: {} } } }, { name: 'other' }),
  );
  expect(found).toEqual([
    'PodDisruptionBudget:shop/b protects CronJob:shop/nightly',
    'PodDisruptionBudget:shop/b protects Deployment:shop/web',
    'Service:shop/web loadBalances CronJob:shop/nightly',
    'Service:shop/web loadBalances Deployment:shop/web',
  ]);
});

test('a Service leads to no Pod that has finished, and to what its slices say where it has any', () => {
  const pods = [inPhase('a', 'Running'), inPhase('b', 'Succeeded'), inPhase('c', 'Failed'), inPhase('d', 'Pending')];
  expect(leadingTo(relationsOf(selecting('web'), ...pods), 'Service:shop/web')).toEqual(['Pod:shop/a', 'Pod:shop/d']);
  const slice = sliceOf('web', [{ targetRef: { kind: 'Pod', name: 'd' } }]);
  expect(leadingTo(relationsOf(selecting('web'), ...pods, slice), 'Service:shop/web')).toEqual(['Pod:shop/d']);
  const other = sliceOf('other', []);
  expect(leadingTo(relationsOf(selecting('web'), ...pods, other), 'Service:shop/web')).toHaveLength(2);
  expect(leadingTo(relationsOf(selecting('web'), ...pods, sliceOf('web', [])), 'Service:shop/web')).toEqual([]);
});

test('a set’s Pods are what a plain controller takes, whatever happens to them', () => {
  const phases = ['Pending', 'Running', 'Succeeded', 'Failed'];
  const one = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    phase: fc.constantFrom(...phases),
    app: fc.constantFrom('web', 'db'),
  });
  fc.assert(
    fc.property(
      fc.array(one, { maxLength: 12 }),
      fc.option(fc.array(fc.constantFrom('a', 'b', 'c')), { nil: undefined }),
      (steps, listed) => {
        const { engine, store } = createGraph();
        store.sinkOf(kindNamed('Service')).event('ADDED', selecting('web'));
        const pods = new Map<string, { phase: string; app: string }>();
        for (const { name, phase, app } of steps) {
          pods.set(name, { phase, app });
          const changed = { ...pod({}, { name, labels: { app }, uid: name }), status: { phase } };
          store.sinkOf(kindNamed('Pod')).event('MODIFIED', changed);
        }
        const endpoints = (listed ?? []).map((name) => ({ targetRef: { kind: 'Pod', name } }));
        if (listed) store.sinkOf(kindNamed('EndpointSlice')).event('ADDED', sliceOf('web', endpoints));
        const active = [...pods].filter(
          ([, { phase, app }]) => app === 'web' && !['Succeeded', 'Failed'].includes(phase),
        );
        const taken = new Set(listed ?? active.map(([name]) => name));
        const found = graphOf(engine).relations.filter(({ type }) => type === 'loadBalances');
        expect(found.map(({ target }) => target)).toEqual([...taken].sort().map((name) => `Pod:shop/${name}`));
      },
    ),
  );
});

test('a binding uses the one object of the kind that its policy says, and follows the policy when that changes', () => {
  const group = 'admissionregistration.k8s.io/v1';
  const policy = (kind: string) =>
    clusterObject(
      group,
      'ValidatingAdmissionPolicy',
      { spec: { paramKind: { apiVersion: 'v1', kind } } },
      { name: 'p', uid: 'p' },
    );
  const paramRef = { name: 'limits', namespace: 'ops' };
  const { engine, store } = createGraph();
  const policies = store.sinkOf(kindNamed('ValidatingAdmissionPolicy'));
  const used = () =>
    graphOf(engine)
      .relations.filter(({ type, source }) => type === 'uses' && source.includes('Binding'))
      .map(({ target }) => target);
  store
    .sinkOf(kindNamed('ValidatingAdmissionPolicyBinding'))
    .event(
      'ADDED',
      clusterObject(
        group,
        'ValidatingAdmissionPolicyBinding',
        { spec: { policyName: 'p', paramRef } },
        { name: 'b', uid: 'b' },
      ),
    );
  store.sinkOf(kindNamed('ConfigMap')).event('ADDED', object('v1', 'ConfigMap', {}, { name: 'unrelated', uid: 'c' }));
  expect(used()).toEqual(['ValidatingAdmissionPolicy:p']);
  policies.event('ADDED', policy('ConfigMap'));
  expect(used()).toEqual(['ConfigMap:ops/limits', 'ValidatingAdmissionPolicy:p']);
  policies.event('MODIFIED', policy('Secret'));
  expect(used()).toEqual(['Secret:ops/limits', 'ValidatingAdmissionPolicy:p']);
  policies.event('DELETED', policy('Secret'));
  expect(used()).toEqual(['ValidatingAdmissionPolicy:p']);
});

test('a reference into another namespace is granted, refused, or not known to be either', () => {
  const gateway = 'gateway.networking.k8s.io';
  const { engine, store } = createGraph();
  const backendRefs = [{ name: 'db', namespace: 'data' }];
  const route = object(`${gateway}/v1`, 'HTTPRoute', { spec: { rules: [{ backendRefs }] } }, { name: 'r', uid: 'r' });
  store.sinkOf(kindNamed(`HTTPRoute.${gateway}`)).event('ADDED', route);
  const grants = store.sinkOf(kindNamed(`ReferenceGrant.${gateway}`));
  const grant = (to: object) =>
    object(
      `${gateway}/v1`,
      'ReferenceGrant',
      {
        spec: {
          from: [{ group: gateway, kind: 'HTTPRoute', namespace: 'shop' }],
          to: [{ group: '', kind: 'Service', ...to }],
        },
      },
      { name: 'g', namespace: 'data', uid: 'g' },
    );
  const said = () => graphOf(engine).relations.find(({ type }) => type === 'routesTo')?.annotations;
  expect(said()).toMatchObject({ needsReferenceGrant: true });
  expect(said()).not.toHaveProperty('granted');
  grants.state('synced');
  expect(said()).toMatchObject({ granted: false, depends: 'none' });
  grants.event('ADDED', grant({ name: 'other' }));
  expect(said()).toMatchObject({ granted: false });
  grants.event('MODIFIED', grant({}));
  expect(said()).toMatchObject({ granted: true });
  expect(said()).not.toHaveProperty('depends');
  grants.event('DELETED', grant({}));
  expect(said()).toMatchObject({ granted: false });
  grants.state('forbidden', 'no right');
  expect(said()).toMatchObject({ needsReferenceGrant: true });
});

test('a name or an address of the cluster leads to what has it, and to a host where nothing does', () => {
  const alias = (name: string, externalName: string) =>
    object('v1', 'Service', { spec: { type: 'ExternalName', externalName } }, { name });
  const addressed = { ...pod({}, { name: 'p', namespace: 'data' }), status: { phase: 'Running', podIP: '10.0.0.9' } };
  const found = relationsOf(
    object('v1', 'Service', { spec: { clusterIP: '10.96.0.7' } }, { name: 'db', namespace: 'data' }),
    addressed,
    alias('short', 'db.data'),
    alias('whole', 'db.data.svc.cluster.local.'),
    alias('outside', 'db.example.com'),
    alias('looks-alike', 'cache.data'),
    alias('by-address', '10.96.0.7'),
    alias('by-pod', '10-0-0-9.data.pod.cluster.local'),
    sliceOf('manual', [{ addresses: ['10.0.0.9'] }, { addresses: ['192.0.2.10'] }]),
  );
  expect(found.filter((each) => !each.includes('belongsTo') && !each.includes('contains'))).toEqual([
    'Service:shop/by-address resolvesTo Service:data/db',
    'Service:shop/by-pod resolvesTo Pod:data/p',
    'Service:shop/looks-alike resolvesTo Host:cache.data',
    'Service:shop/manual loadBalances Host:192.0.2.10 missing',
    'Service:shop/manual loadBalances Pod:data/p missing',
    'Service:shop/outside resolvesTo Host:db.example.com',
    'Service:shop/short resolvesTo Service:data/db',
    'Service:shop/whole resolvesTo Service:data/db',
  ]);
});

const argo = 'argoproj.io/v1alpha1';
const application = (
  namespace: string,
  name: string,
  destination: object = { name: 'in-cluster', namespace: 'shop' },
) => object(argo, 'Application', { spec: { destination } }, { name, namespace });
const holding = (...objects: KubernetesObject[]) => {
  const { engine, store } = createGraph();
  for (const each of objects) {
    const type = each.kind === 'Application' ? 'Application.argoproj.io' : (each.kind as string);
    store
      .sinkOf(kindNamed(type))
      .event('ADDED', { ...each, metadata: { uid: JSON.stringify(each.metadata), ...each.metadata } });
  }
  const { relations, resources } = graphOf(engine);
  return {
    found: relations
      .filter(({ annotations }) => annotations.rule.startsWith('argo'))
      .map(({ source, type, target }) => `${source} ${type} ${target}`),
    doubts: resources.flatMap(({ annotations }) => (annotations['ambiguous'] ? [annotations['ambiguous']] : [])),
  };
};
const tracked = (id: string) =>
  object('v1', 'ConfigMap', {}, { name: 'c', annotations: { 'argocd.argoproj.io/tracking-id': id } });

test('a convention is a guess that is checked: the one Application of that name that deploys here, or none, and told', () => {
  const byId = tracked('store:/ConfigMap:shop/c');
  expect(holding(application('gitops', 'store'), byId).found).toEqual([
    'Application.argoproj.io:gitops/store contains ConfigMap:shop/c',
  ]);
  expect(holding(byId)).toEqual({ found: [], doubts: [] });
  const two = holding(application('gitops', 'store'), application('argocd', 'store'), byId);
  const field = 'metadata.annotations["argocd.argoproj.io/tracking-id"]';
  expect(two).toEqual({
    found: [],
    doubts: [{ [field]: ['Application.argoproj.io:argocd/store', 'Application.argoproj.io:gitops/store'] }],
  });
  const remote = application('argocd', 'store', { server: 'https://10.1.2.3:6443', namespace: 'shop' });
  expect(holding(application('gitops', 'store'), remote, byId).found).toEqual([
    'Application.argoproj.io:argocd/store deploysTo RemoteCluster:https://10.1.2.3:6443',
    'Application.argoproj.io:gitops/store contains ConfigMap:shop/c',
  ]);
});

test('what both ends must assert is wanted while one alone does, and a fact when both do', () => {
  const { engine, store } = createGraph();
  const [claims, volumes] = [
    store.sinkOf(kindNamed('PersistentVolumeClaim')),
    store.sinkOf(kindNamed('PersistentVolume')),
  ];
  claims.state('synced');
  volumes.state('synced');
  const claim = (phase: string) => ({
    ...object('v1', 'PersistentVolumeClaim', { spec: { volumeName: 'pv' } }, { name: 'data', uid: 'u' }),
    status: { phase },
  });
  const volume = (uid?: string) =>
    clusterObject(
      'v1',
      'PersistentVolume',
      { spec: { claimRef: { namespace: 'shop', name: 'data', uid } } },
      { name: 'pv', uid: 'v' },
    );
  const wanted = () =>
    graphOf(engine)
      .relations.filter(({ type }) => type === 'boundTo')
      .map(({ annotations }) => annotations['wanted'] ?? false);
  claims.event('ADDED', claim('Pending'));
  expect(wanted()).toEqual([true]);
  volumes.event('ADDED', volume());
  expect(wanted()).toEqual([true]);
  volumes.event('MODIFIED', volume('u'));
  expect(wanted()).toEqual([true]);
  claims.event('MODIFIED', claim('Bound'));
  expect(wanted()).toEqual([false]);
  volumes.event('DELETED', volume('u'));
  expect(wanted()).toEqual([true]);
  volumes.state('forbidden', 'no right');
  expect(wanted()).toEqual([false]);
});

test('what an API server adds is added, and an empty or named selector of Namespaces needs no Namespace', () => {
  const peer = (namespaceSelector: object) =>
    object(
      'networking.k8s.io/v1',
      'NetworkPolicy',
      {
        spec: {
          podSelector: { matchLabels: { none: 'such' } },
          ingress: [{ from: [{ namespaceSelector, podSelector: {} }] }],
        },
      },
      { name: `p${JSON.stringify(namespaceSelector).length}` },
    );
  const found = relationsOf(
    pod({ priority: 0 }, { name: 'p', namespace: 'b' }),
    peer({}),
    peer({ matchLabels: { 'kubernetes.io/metadata.name': 'b' } }),
    peer({ matchLabels: { team: 'unknown-of-b' } }),
    peer({ matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] }),
  );
  expect(found.filter((each) => each.includes('allowsFrom'))).toHaveLength(2);
  const admitted = relationsOf(
    object('v1', 'ServiceAccount', { imagePullSecrets: [{ name: 'a' }, { name: 'b' }] }, { name: 'robot' }),
    clusterObject('scheduling.k8s.io/v1', 'PriorityClass', { globalDefault: true, value: 5 }, { name: 'usual' }),
    pod({ serviceAccountName: 'robot' }, { name: 'p' }),
  );
  expect(admitted.filter((each) => each.startsWith('Pod:shop/p uses'))).toEqual([
    'Pod:shop/p uses PriorityClass:usual',
    'Pod:shop/p uses Secret:shop/a',
    'Pod:shop/p uses Secret:shop/b',
  ]);
});
