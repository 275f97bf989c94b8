// A small shop in a small cluster, written by hand: the graph for tests of views.
import type { ViewGraph } from '../../master/views/view.ts';
import { parseId } from '../../src/ids.ts';
import type { Relation, Resource, ResourceAnnotations } from '../../src/model.ts';

const timestamp = '2026-11-20T16:58:32.123Z';
const redis = `Image:sha256:${'4f'.repeat(32)}`;
const nginx = `Image:sha256:${'a1'.repeat(32)}`;

export function resource(id: string, annotations: Partial<ResourceAnnotations> = {}): Resource {
  const { type, path } = parseId(id);
  const label = path.slice(path.lastIndexOf('/') + 1);
  return { id, type, timestamp, properties: {}, annotations: { label, ...annotations } };
}

export function relation(source: string, type: string, target: string, notes: object = {}): Relation {
  return {
    type,
    timestamp,
    source,
    target,
    annotations: { label: type, rule: `${type}-rule`, field: 'spec', ...notes },
  };
}

/** Sorted as the graph's contract requires: resources by id, relations by (source, type, target). */
export function graphOf(resources: readonly Resource[], relations: readonly Relation[] = []): ViewGraph {
  const byId = [...resources].sort((a, b) => order(a.id, b.id));
  const byEnds = [...relations].sort(
    (a, b) => order(a.source, b.source) || order(a.type, b.type) || order(a.target, b.target),
  );
  return { revision: 42, timestamp, clusterName: 'demo', resources: byId, relations: byEnds };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const pods: readonly { name: string; node: string; containers: readonly [string, string][] }[] = [
  {
    name: 'frontend-6d9f-2x7kq',
    node: 'node-1',
    containers: [
      ['web', nginx],
      ['sidecar', redis],
    ],
  },
  {
    name: 'frontend-6d9f-8bvqz',
    node: 'node-2',
    containers: [
      ['web', nginx],
      ['sidecar', redis],
    ],
  },
  { name: 'redis-0', node: 'node-2', containers: [['redis', redis]] },
];
const inShop = [
  'ConfigMap:shop/settings',
  'Deployment:shop/frontend',
  'HorizontalPodAutoscaler:shop/frontend',
  'Ingress:shop/shop',
  'PersistentVolumeClaim:shop/data-redis-0',
  'ReplicaSet:shop/frontend-6d9f',
  'Secret:shop/credentials',
  'Service:shop/frontend',
  'Service:shop/redis',
  'ServiceAccount:shop/shop',
  'StatefulSet:shop/redis',
];

/** Over twenty resources of fifteen types, one missing and one unverified. */
export function shopGraph(): ViewGraph {
  return graphOf(
    [
      ...['Cluster:demo', 'Namespace:shop', 'Node:node-1', 'Node:node-2', 'PersistentVolume:pv-1'].map((id) =>
        resource(id),
      ),
      resource(redis, { label: '4f4f4f4f4f4f', alternateLabel: 'redis:7' }),
      resource(nginx, { label: 'a1a1a1a1a1a1', alternateLabel: 'nginx:1.27' }),
      ...inShop.map((id) => resource(id, id.startsWith('Secret') ? { unverified: true } : {})),
      resource('ConfigMap:shop/no-such-settings', { missing: true }),
      ...pods.map(({ name }) => resource(`Pod:shop/${name}`)),
      ...pods.flatMap(({ name, containers }) => containers.map(([c]) => resource(`Container:shop/${name}/${c}`))),
    ],
    [...platform(), ...workloads(), ...pods.flatMap(podRelations)],
  );
}

function platform(): Relation[] {
  return [
    ...['Node:node-1', 'Node:node-2', 'Namespace:shop', 'PersistentVolume:pv-1'].map((id) =>
      relation('Cluster:demo', 'contains', id),
    ),
    ...[...inShop, ...pods.map(({ name }) => `Pod:shop/${name}`)].map((id) =>
      relation('Namespace:shop', 'contains', id),
    ),
    relation('PersistentVolumeClaim:shop/data-redis-0', 'boundTo', 'PersistentVolume:pv-1'),
  ];
}

function workloads(): Relation[] {
  return [
    relation('Ingress:shop/shop', 'routesTo', 'Service:shop/frontend'),
    relation('HorizontalPodAutoscaler:shop/frontend', 'scales', 'Deployment:shop/frontend'),
    relation('Deployment:shop/frontend', 'owns', 'ReplicaSet:shop/frontend-6d9f'),
    relation('Deployment:shop/frontend', 'uses', 'ConfigMap:shop/settings', { template: true }),
    relation('ReplicaSet:shop/frontend-6d9f', 'monitors', 'Pod:shop/frontend-6d9f-2x7kq'),
    relation('ReplicaSet:shop/frontend-6d9f', 'monitors', 'Pod:shop/frontend-6d9f-8bvqz'),
    relation('StatefulSet:shop/redis', 'monitors', 'Pod:shop/redis-0'),
    relation('StatefulSet:shop/redis', 'uses', 'Service:shop/redis'),
    relation('StatefulSet:shop/redis', 'owns', 'PersistentVolumeClaim:shop/data-redis-0'),
    relation('Service:shop/frontend', 'loadBalances', 'Pod:shop/frontend-6d9f-2x7kq', { ready: true }),
    relation('Service:shop/frontend', 'loadBalances', 'Pod:shop/frontend-6d9f-8bvqz', { ready: false }),
    relation('Service:shop/redis', 'loadBalances', 'Pod:shop/redis-0', { ready: true }),
    relation('Pod:shop/redis-0', 'mounts', 'PersistentVolumeClaim:shop/data-redis-0'),
  ];
}

function podRelations({ name, node, containers }: (typeof pods)[number]): Relation[] {
  const pod = `Pod:shop/${name}`;
  const settings = [
    relation(pod, 'uses', 'ConfigMap:shop/settings'),
    relation(pod, 'uses', 'ConfigMap:shop/no-such-settings', { optional: true, missing: true }),
    relation(pod, 'uses', 'Secret:shop/credentials', { unverified: true }),
  ];
  return [
    relation(`Node:${node}`, 'runs', pod),
    relation(pod, 'runsAs', 'ServiceAccount:shop/shop'),
    ...(name.startsWith('frontend') ? settings : []),
    ...containers.flatMap(([container, image]) => [
      relation(pod, 'contains', `Container:shop/${name}/${container}`),
      relation(`Container:shop/${name}/${container}`, 'createdFrom', image),
    ]),
  ];
}
