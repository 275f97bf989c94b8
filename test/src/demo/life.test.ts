import { describe, expect, it } from 'vitest';
import { createDemoCluster, type DemoCluster } from '../../../src/demo/cluster.ts';
import { createLife } from '../../../src/demo/life.ts';
import type { KubernetesObject } from '../../../src/model.ts';

interface PodLike extends KubernetesObject {
  readonly spec: { readonly nodeName?: string; readonly containers: readonly { readonly image: string }[] };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly state: object;
      readonly containerID: string;
    }[];
  };
}

function living(seed = 1) {
  let now = Date.UTC(2026, 10, 21);
  const cluster = createDemoCluster({ clock: () => now });
  const life = createLife(cluster, { seed, clock: () => now });
  const tick = (steps = 1, after: () => void = () => undefined) => {
    for (let i = 0; i < steps; i++) {
      life.tick();
      now += 1000;
      after();
    }
  };
  return { cluster, tick };
}

const pods = ({ server }: DemoCluster, app: string, label = 'app') =>
  server.list('pods').filter((pod) => pod.metadata.labels?.[label] === app) as PodLike[];
const isReady = (pod: PodLike) =>
  pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
const total = ({ server }: DemoCluster) => {
  const kinds = [
    'pods',
    'replicasets.apps',
    'jobs.batch',
    'persistentvolumeclaims',
    'resourceclaims.resource.k8s.io',
    'events',
    'endpointslices.discovery.k8s.io',
  ];
  return kinds.reduce((sum, kind) => sum + server.list(kind).length, 0);
};

/** Pods in a Service's EndpointSlices, and whether they are ready there. */
function endpoints({ server }: DemoCluster, service: string): string[] {
  const slices = server
    .list('endpointslices.discovery.k8s.io')
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service);
  const found = slices.flatMap(
    (slice) => slice['endpoints'] as { targetRef: { name: string }; conditions: { ready: boolean } }[],
  );
  return [...new Set(found.map(({ targetRef, conditions }) => `${targetRef.name} ${conditions.ready}`))].sort();
}

const storefront = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'web', name: 'storefront' } };

describe('life in the demo cluster', () => {
  it('rolls a Deployment out without ever serving with fewer Pods than wanted', () => {
    const { cluster, tick } = living();
    const before = pods(cluster, 'storefront').map(({ metadata }) => metadata.uid);
    let fewest = 3;
    let most = 0;
    tick(40, () => {
      const now = pods(cluster, 'storefront');
      fewest = Math.min(fewest, now.filter(isReady).length);
      most = Math.max(most, now.length);
    });
    const after = pods(cluster, 'storefront');
    expect([fewest, most, after.length]).toEqual([3, 4, 3]);
    expect(after.filter(({ metadata }) => before.includes(metadata.uid))).toEqual([]);
    expect(new Set(after.map(({ metadata }) => metadata.ownerReferences?.[0]?.uid)).size).toBe(1);
    const images = after.map(({ spec }) => spec.containers[0]?.image);
    expect(new Set(images)).toEqual(new Set(['registry.example.com/shop/storefront:2.4.1']));
  });

  it('leaves no ReplicaSet behind what is wanted of it, after a rollout and a scaling', () => {
    const { cluster, tick } = living();
    tick(60);
    const sets = cluster.server.list('replicasets.apps').filter(({ metadata }) => Number(metadata['generation']) > 1);
    expect(sets.length).toBeGreaterThan(1);
    for (const { metadata, status } of sets)
      expect([metadata.name, status]).toMatchObject([metadata.name, { observedGeneration: metadata['generation'] }]);
  });

  it('keeps endpoints in step with the Pods at every moment', () => {
    const { cluster, tick } = living();
    tick(100, () => {
      for (const app of ['storefront', 'cart', 'checkout']) {
        const running = pods(cluster, app).filter(({ status }) => status.podIP && status.phase === 'Running');
        expect(endpoints(cluster, app)).toEqual(running.map((pod) => `${pod.metadata.name} ${isReady(pod)}`).sort());
      }
    });
  });

  it('restarts a crashing container as another container of the same Pod', () => {
    const { cluster, tick } = living();
    const states = new Set<string>();
    const ids = new Set<string>();
    tick(45, () => {
      const [status] = pods(cluster, 'grafana', 'app.kubernetes.io/name')[0]?.status.containerStatuses ?? [];
      for (const state of Object.keys(status?.state ?? {})) states.add(state);
      if (status) ids.add(status.containerID);
    });
    expect(states).toEqual(new Set(['running', 'terminated', 'waiting']));
    expect(pods(cluster, 'grafana', 'app.kubernetes.io/name')).toHaveLength(1);
    expect(pods(cluster, 'grafana', 'app.kubernetes.io/name')[0]?.status.containerStatuses?.[0]?.restartCount).toBe(2);
    expect(ids.size).toBe(3);
  });

  it('scales a Deployment there and back', () => {
    const { cluster, tick } = living();
    const sizes = new Set<number>();
    tick(120, () => sizes.add(pods(cluster, 'cart').length));
    expect([...sizes].sort()).toEqual([2, 4]);
  });

  it('runs a Job now and then, to its end, and forgets the oldest', () => {
    const { cluster, tick } = living();
    tick(300);
    const jobs = cluster.server
      .list('jobs.batch')
      .filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === 'backup');
    expect(jobs).toHaveLength(3);
    expect(jobs.every(({ status }) => (status as { succeeded?: number }).succeeded === 1)).toBe(true);
    expect(pods(cluster, 'backup').map(({ status }) => status.phase)).toEqual(['Succeeded', 'Succeeded', 'Succeeded']);
  });

  it('reports heartbeats that change nothing else', () => {
    const { cluster, tick } = living();
    const strip = (node: KubernetesObject) =>
      JSON.stringify(node).replaceAll(/"(lastHeartbeatTime|resourceVersion)":"[^"]*"/g, '');
    const before = cluster.server.list('nodes');
    tick(1);
    const after = cluster.server.list('nodes');
    expect(after.map(strip)).toEqual(before.map(strip));
    expect(JSON.stringify(after)).not.toBe(JSON.stringify(before));
  });

  it('does not grow', () => {
    const { cluster, tick } = living();
    tick(360);
    const sizes = {
      objects: total(cluster),
      containers: [...cluster.engines.values()].reduce((sum, { containers }) => sum + containers.size, 0),
    };
    // After as many steps the same events happen.
    tick(900);
    expect(Math.abs(total(cluster) - sizes.objects)).toBeLessThan(8);
    const containers = [...cluster.engines.values()].reduce((sum, engine) => sum + engine.containers.size, 0);
    expect(Math.abs(containers - sizes.containers)).toBeLessThan(16);
  });

  it('never reuses a UID', () => {
    const { cluster, tick } = living();
    const seen = new Map<string, string>();
    const last = new Map<string, Set<string>>();
    tick(1000, () => {
      for (const { metadata } of cluster.server.list('replicasets.apps')) {
        const at = seen.get(metadata.uid ?? '');
        expect(at ?? metadata.creationTimestamp).toBe(metadata.creationTimestamp);
        seen.set(metadata.uid ?? '', metadata.creationTimestamp ?? '');
        last.set(metadata.name, (last.get(metadata.name) ?? new Set()).add(metadata.uid ?? ''));
      }
    });
    // Images and their names are reused in turn.
    expect([...last.values()].some((uids) => uids.size > 1)).toBe(true);
  });

  it('is the same for the same seed, and another for another', () => {
    const names = (seed: number) => {
      const { cluster, tick } = living(seed);
      tick(60);
      return cluster.server.list('pods').map(({ metadata }) => `${metadata.name} ${metadata.uid}`);
    };
    expect(names(1)).toEqual(names(1));
    expect(names(1)).not.toEqual(names(2));
  });

  it('does what a person asks for: scales to any size, replaces what is deleted', () => {
    const { cluster, tick } = living();
    const { server } = cluster;
    server.patch(storefront, { spec: { replicas: 6 } });
    tick(6);
    expect(pods(cluster, 'storefront').filter(isReady)).toHaveLength(6);
    const [victim] = pods(cluster, 'storefront');
    if (victim)
      server.delete({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'web', name: victim.metadata.name } });
    tick(4);
    expect(pods(cluster, 'storefront').filter(isReady)).toHaveLength(6);
    // It is in the middle of a rollout by then.
    server.patch(storefront, { spec: { replicas: 0 } });
    tick(15);
    expect(pods(cluster, 'storefront')).toEqual([]);
    expect(endpoints(cluster, 'storefront')).toEqual([]);
  });

  it('leaves alone what it has no part in', () => {
    const { cluster, tick } = living();
    const others = () =>
      cluster.server.list('pods').filter(({ metadata }) => ['shop', 'kube-system'].includes(metadata.namespace ?? ''));
    const before = others();
    tick(200);
    expect(others()).toEqual(before);
  });
});
