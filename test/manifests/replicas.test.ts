// The manifests of replicas: without rights in the cluster, and with the address where the master publishes.
import { expect, test } from 'vitest';
import { readConfig, settings } from '../../src/settings/config.ts';
import { composed, type Manifest } from '../support/manifests.ts';

const objects = composed(['base', 'rbac/cluster'], ['components/stream', 'components/replicas']);
const one = (kind: string, name: string): Manifest => {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name === name);
  expect(found).toHaveLength(1);
  return found[0] as Manifest;
};

interface Env {
  readonly name: string;
  readonly value?: string;
}

interface Deployment {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly env: readonly Env[] }[] } };
  };
}

function envIn(all: readonly Manifest[], name: string): readonly Env[] {
  const found = all.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
  return (found as unknown as Deployment).spec.template.spec.containers[0]?.env ?? [];
}

function envOf(name: string): Map<string, string | undefined> {
  return new Map(envIn(objects, name).map((each) => [each.name, each.value]));
}

test('replicas follow the log that the master publishes, with settings that there are', () => {
  const [master, replica] = [envOf('cluster-insight-master'), envOf('cluster-insight-replica')];
  expect(master.get('CLUSTER_INSIGHT_STREAM')).toBe(replica.get('CLUSTER_INSIGHT_STREAM'));
  expect(master.get('CLUSTER_INSIGHT_CLUSTER_NAME')).toBe(replica.get('CLUSTER_INSIGHT_CLUSTERS'));
  const known = new Set(settings.map(({ variable }) => variable));
  expect([...replica.keys()].filter((name) => !known.has(name))).toEqual([]);
});

test('their account may ask who calls, and nothing else', () => {
  const bound = objects.filter(
    ({ kind, subjects }) =>
      kind.endsWith('RoleBinding') &&
      (subjects as readonly { readonly name: string }[]).some(({ name }) => name === 'cluster-insight-replica'),
  );
  expect(bound.map(({ roleRef }) => (roleRef as { readonly name: string }).name)).toEqual(['system:auth-delegator']);
});

test('where a Lease chooses who publishes, masters may get and update that one object and nothing else', () => {
  const made = composed(['base', 'rbac/cluster'], ['components/ha', 'components/stream', 'components/stream-lease']);
  const named = (kind: string) => made.filter((object) => object.kind === kind);
  const name = 'cluster-insight-publisher';
  expect(named('Lease').map(({ metadata, spec }) => [metadata.namespace, metadata.name, spec])).toEqual([
    ['cluster-insight', name, undefined],
  ]);
  expect(named('Role').map(({ rules }) => rules)).toEqual([
    [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [name], verbs: ['get', 'update'] }],
  ]);
  expect(named('RoleBinding').map(({ subjects, roleRef }) => [subjects, roleRef])).toMatchObject([
    [[{ kind: 'ServiceAccount', name: 'cluster-insight-master' }], { kind: 'Role', name }],
  ]);
  const variables = new Map(envIn(made, 'cluster-insight-master').map((each) => [each.name, each.value ?? 'Pod']));
  const config = readConfig({ ...Object.fromEntries(variables), CLUSTER_INSIGHT_AUTH_TOKENS_FILE: '/t' }, ['master']);
  expect(config.streamLease).toEqual({ namespace: undefined, name });
});

test('a volume for finished parts of the past is one that all replicas can write, at a folder of its own', () => {
  const made = composed(
    ['base', 'rbac/cluster'],
    ['components/stream', 'components/replicas', 'components/replicas-history'],
  );
  const claims = made.filter(({ kind }) => kind === 'PersistentVolumeClaim');
  expect(claims.map(({ spec }) => (spec as { readonly accessModes: unknown }).accessModes)).toEqual([
    ['ReadWriteMany'],
  ]);
  const variables = Object.fromEntries(
    envIn(made, 'cluster-insight-replica').map((each) => [each.name, each.value ?? 'Pod']),
  );
  const { historyShared, historyDir } = readConfig(variables, ['replica']);
  const replica = JSON.stringify(
    made.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name.endsWith('-replica')),
  );
  for (const folder of [historyShared, historyDir]) expect(replica).toContain(`"mountPath":"${folder}"`);
  expect(historyShared).not.toBe(historyDir);
});

test('there are as many as the autoscaler says, on other nodes and zones, and one at a time goes', () => {
  const deployment = one('Deployment', 'cluster-insight-replica') as unknown as {
    readonly spec: Record<string, unknown>;
  };
  expect(deployment.spec['replicas']).toBeUndefined();
  const scaler = one('HorizontalPodAutoscaler', 'cluster-insight-replica') as unknown as {
    readonly spec: { readonly minReplicas: number; readonly metrics: readonly { readonly type: string }[] };
  };
  expect(scaler.spec.minReplicas).toBe(2);
  // A metric that nothing serves would keep them from ever being fewer.
  expect(scaler.spec.metrics.map(({ type }) => type)).toEqual(['Resource']);
  const behind = composed(
    ['base', 'rbac/cluster'],
    ['components/stream', 'components/replicas', 'components/replicas-behind'],
  ).find(({ kind }) => kind === 'HorizontalPodAutoscaler') as unknown as typeof scaler;
  expect(behind.spec.metrics.map(({ type }) => type)).toEqual(['Resource', 'Pods']);
  expect(JSON.stringify(deployment)).toContain('topology.kubernetes.io/zone');
  expect(one('PodDisruptionBudget', 'cluster-insight-replica').spec).toMatchObject({ maxUnavailable: 1 });
});
