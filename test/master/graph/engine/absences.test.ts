// Named resources that do not exist, in a graph so small that most are named by several, as required or optional.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../../../src/model.ts';
import { createGraph, type Graph, graphOf, kindNamed } from '../../../support/random-cluster.ts';

const rbac = 'rbac.authorization.k8s.io/v1';
const bootstrapping = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const kinds = ['Pod', 'ConfigMap', 'PersistentVolumeClaim', 'PersistentVolume', 'ServiceAccount', 'ClusterRoleBinding'];

function known(): Graph {
  const graph = createGraph();
  for (const kind of kinds) graph.store.sinkOf(kindNamed(kind)).state('synced');
  tell(graph, 'ADDED', named('ServiceAccount', 'default'));
  return graph;
}

function tell(graph: Graph, event: 'ADDED' | 'DELETED', object: { readonly kind: string }): void {
  graph.store.sinkOf(kindNamed(object.kind)).event(event, structuredClone(object) as unknown as KubernetesObject);
}

const pod = (name: string, spec: object, phase = 'Running', owners: object[] = []) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'n', uid: `pod-${name}`, ownerReferences: owners },
  spec: { containers: [{ name: 'c' }], ...spec },
  status: { phase },
});
const reading = (name: string, config: string, optional: boolean) =>
  pod(name, { containers: [{ name: 'c', envFrom: [{ configMapRef: { name: config, optional } }] }] });
const ephemeral = (name: string, phase: string) =>
  pod(name, { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: {} } } }] }, phase);
const claiming = (name: string, claimName: string) =>
  pod(name, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] });
const binding = (name: string, account: string, labels: object) => ({
  apiVersion: rbac,
  kind: 'ClusterRoleBinding',
  metadata: { name, uid: `binding-${name}`, labels },
  roleRef: {},
  subjects: [{ kind: 'ServiceAccount', namespace: 'n', name: account }],
});
const named = (kind: string, name: string) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'n', uid: `${kind}-${name}` },
});

/** `missing` or the reason of absence, by id. */
function absentIn({ engine }: Graph): { readonly [id: string]: string } {
  const found = graphOf(engine).resources.flatMap(({ id, annotations: { missing, absent } }) =>
    missing || absent ? [[id, [missing && 'missing', absent].filter(Boolean).join(' ')] as const] : [],
  );
  return Object.fromEntries(found);
}

describe('named resources that do not exist', () => {
  test('is optional while all that name it can do without it, and missing from the first that cannot', () => {
    const graph = known();
    tell(graph, 'ADDED', reading('a', 'settings', true));
    tell(graph, 'ADDED', reading('b', 'settings', true));
    expect(absentIn(graph)).toEqual({ 'ConfigMap:n/settings': 'optional' });
    tell(graph, 'ADDED', reading('c', 'settings', false));
    expect(absentIn(graph)).toEqual({ 'ConfigMap:n/settings': 'missing' });
    tell(graph, 'DELETED', reading('c', 'settings', false));
    expect(absentIn(graph)).toEqual({ 'ConfigMap:n/settings': 'optional' });
    tell(graph, 'ADDED', named('ConfigMap', 'settings'));
    expect(absentIn(graph)).toEqual({});
    tell(graph, 'DELETED', named('ConfigMap', 'settings'));
    expect(absentIn(graph)).toEqual({ 'ConfigMap:n/settings': 'optional' });
  });

  test('is missing where one Pod needs in one container what it can do without in another', () => {
    const graph = known();
    const from = (optional: boolean) => [{ configMapRef: { name: 'settings', optional } }];
    const containers = [
      { name: 'a', envFrom: from(true) },
      { name: 'b', envFrom: from(false) },
    ];
    tell(graph, 'ADDED', pod('p', { containers: containers.slice(0, 1) }));
    expect(absentIn(graph)).toEqual({ 'ConfigMap:n/settings': 'optional' });
    tell(graph, 'ADDED', pod('p', { containers }));
    expect(absentIn(graph)).toEqual({ 'ConfigMap:n/settings': 'missing' });
    tell(graph, 'ADDED', pod('p', { containers: containers.slice(0, 1) }));
    expect(absentIn(graph)).toEqual({ 'ConfigMap:n/settings': 'optional' });
  });

  test('is expected of bindings that the API server makes, and of no other with their label or name', () => {
    const graph = known();
    tell(graph, 'ADDED', binding('system:kube-dns', 'kube-dns', bootstrapping));
    tell(graph, 'ADDED', binding('deployers', 'labelled', bootstrapping));
    tell(graph, 'ADDED', binding('system:mine', 'named', {}));
    expect(absentIn(graph)).toEqual({
      'ServiceAccount:n/kube-dns': 'expected',
      'ServiceAccount:n/labelled': 'missing',
      'ServiceAccount:n/named': 'missing',
    });
    tell(graph, 'ADDED', pod('dns', { serviceAccountName: 'kube-dns' }));
    expect(absentIn(graph)['ServiceAccount:n/kube-dns']).toBe('missing');
  });

  test('is pending while a claim is still to be made, and missing once the Pod has begun', () => {
    const graph = known();
    const set = [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 's', controller: true }];
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }];
    tell(graph, 'ADDED', ephemeral('build', 'Pending'));
    tell(graph, 'ADDED', pod('db-0', { volumes }, 'Pending', set));
    tell(graph, 'ADDED', pod('alone', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'own' } }] }));
    const claim = (name: string) => absentIn(graph)[`PersistentVolumeClaim:n/${name}`];
    expect([claim('build-v'), claim('data-db-0'), claim('own')]).toEqual(['pending', 'pending', 'missing']);
    tell(graph, 'ADDED', ephemeral('build', 'Running'));
    tell(graph, 'ADDED', pod('db-0', { volumes }, 'Running', set));
    expect([claim('build-v'), claim('data-db-0')]).toEqual(['missing', 'missing']);
  });

  test('is unverified if its kind is not read, whatever names it', () => {
    const graph = known();
    tell(graph, 'ADDED', reading('a', 'settings', true));
    graph.store.sinkOf(kindNamed('ConfigMap')).state('forbidden', 'no');
    const [settings] = graphOf(graph.engine).resources.filter(({ id }) => id === 'ConfigMap:n/settings');
    expect(settings?.annotations).toMatchObject({ unverified: true });
    expect(settings?.annotations).not.toHaveProperty('absent');
    graph.store.sinkOf(kindNamed('ConfigMap')).state('synced');
    expect(absentIn(graph)).toEqual({ 'ConfigMap:n/settings': 'optional' });
  });

  test('is stated on the relation if only the relation knows it', () => {
    const graph = known();
    tell(graph, 'ADDED', binding('system:kube-dns', 'kube-dns', bootstrapping));
    tell(graph, 'ADDED', binding('mine', 'kube-dns', {}));
    const told = graphOf(graph.engine).relations.flatMap(({ source, type, annotations: { missing, absent } }) =>
      type === 'grantsTo' ? [[source, missing, absent]] : [],
    );
    expect(told).toEqual([
      ['ClusterRoleBinding:mine', true, undefined],
      ['ClusterRoleBinding:system:kube-dns', true, 'expected'],
    ]);
  });

  test('is nothing that is missed among the bindings that an API server made of itself', () => {
    const graph = known();
    const path = 'src/demo/recorded/kubernetes/apis_rbac.authorization.k8s.io_v1__clusterrolebindings.json';
    const { items } = JSON.parse(readFileSync(path, 'utf8')) as { readonly items: readonly KubernetesObject[] };
    const own = items.filter(({ metadata }) => metadata.name.startsWith('system:'));
    for (const item of own) tell(graph, 'ADDED', { apiVersion: rbac, kind: 'ClusterRoleBinding', ...item });
    const accounts = Object.entries(absentIn(graph)).filter(([id]) => id.startsWith('ServiceAccount:'));
    expect(accounts.length).toBeGreaterThan(20);
    expect(accounts.filter(([, why]) => why !== 'expected')).toEqual([]);
  });
});

const one = fc.constantFrom('a', 'b');
const objects = fc.oneof(
  fc.tuple(one, one, fc.boolean()).map(([name, config, optional]) => reading(name, config, optional)),
  fc.tuple(one, fc.constantFrom('Pending', 'Running')).map(([name, phase]) => ephemeral(name, phase)),
  one.chain((name) => fc.constantFrom('a-v', 'b-v').map((claim) => claiming(name, claim))),
  fc
    .tuple(fc.constantFrom('system:a', 'system:b', 'c'), one, fc.constantFrom({}, bootstrapping))
    .map(([name, account, labels]) => binding(name, account, labels)),
  one.map((name) => pod(name, { serviceAccountName: name })),
  one.map((name) => named('ConfigMap', name)),
  one.map((name) => named('ServiceAccount', name)),
  fc.constantFrom('a-v', 'b-v').map((name) => named('PersistentVolumeClaim', name)),
);

test('absences after any changes equal those of a graph built from the final objects', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(fc.record({ object: objects, gone: fc.boolean() }), { maxLength: 30 }), (steps) => {
      const graph = known();
      const final = new Map<string, { readonly kind: string }>();
      for (const { object, gone } of steps) {
        const key = `${object.kind} ${object.metadata.name}`;
        if (gone && !final.has(key)) continue;
        tell(graph, gone ? 'DELETED' : 'ADDED', object);
        if (gone) final.delete(key);
        else final.set(key, object);
      }
      const rebuilt = known();
      for (const object of [...final.values()].reverse()) tell(rebuilt, 'ADDED', object);
      expect(absentIn(graph)).toEqual(absentIn(rebuilt));
      const together = known();
      together.engine.transact(() => {
        for (const object of final.values()) tell(together, 'ADDED', object);
      });
      expect(absentIn(graph)).toEqual(absentIn(together));
      for (const why of Object.values(absentIn(graph))) seen.add(why);
    }),
    { numRuns: 300 },
  );
  expect([...seen].sort()).toEqual(['expected', 'missing', 'optional', 'pending']);
});
