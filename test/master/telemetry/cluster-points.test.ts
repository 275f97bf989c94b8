import { expect, test } from 'vitest';
import type { GraphReader } from '../../../master/graph/contract.ts';
import type { Vertex } from '../../../master/graph/model/vertex.ts';
import { ClusterPoints } from '../../../master/telemetry/cluster-points.ts';

const specs: { readonly [id: string]: object } = {
  'Container:shop/web-0/web': {
    resources: { requests: { cpu: '250m', memory: '64Mi' }, limits: { memory: '65536Ki' } },
  },
  'Container:shop/web-0/log': {},
};
const graph = {
  get: (id: string) => (id in specs ? ({ id } as unknown as Vertex) : undefined),
  propertiesOf: ({ id }: { readonly id: string }) => JSON.stringify({ spec: specs[id] }),
} as unknown as Pick<GraphReader, 'get' | 'propertiesOf'>;

const told = (containers: readonly { readonly id: string; readonly numbers: object }[]) => ({
  node: 'n1',
  at: 1000,
  numbers: { cpu: 12.5, memoryAvailable: 7 },
  containers,
});

test('numbers go by the names of the field, with what the container asks for', () => {
  const points = new ClusterPoints({ graph });
  points.take(
    told([{ id: 'Container:shop/web-0/web', numbers: { cpu: 3.25, memory: 4096, cpuThrottled: 0, cpuDelay: 1 } }]),
  );
  const labels = { namespace: 'shop', pod: 'web-0', container: 'web', node: 'n1' };
  const known = points.drain().map(({ name, labels: own, value, counter }) => [name, own, value, counter]);
  expect(known).toEqual([
    ['node_cpu_usage_seconds_total', { node: 'n1' }, 12.5, true],
    ['node_memory_MemAvailable_bytes', { node: 'n1' }, 7, false],
    ['container_cpu_usage_seconds_total', labels, 3.25, true],
    ['container_cpu_cfs_throttled_seconds_total', labels, 0, true],
    ['container_resources_cpu_delay_seconds_total', labels, 1, true],
    ['container_memory_rss', labels, 4096, false],
    ['kube_pod_container_resource_requests', { ...labels, resource: 'cpu', unit: 'core' }, 0.25, false],
    ['kube_pod_container_resource_requests', { ...labels, resource: 'memory', unit: 'byte' }, 2 ** 26, false],
    ['kube_pod_container_resource_limits', { ...labels, resource: 'memory', unit: 'byte' }, 2 ** 26, false],
  ]);
  expect(points.drain()).toEqual([]);
});

test('omits unknown values, and values without a Pod have only their node', () => {
  const points = new ClusterPoints({ graph });
  points.take(
    told([
      { id: 'Container:shop/web-0/log', numbers: {} },
      { id: 'Container:n1/loose', numbers: { memory: 1 } },
      { id: 'Container:shop/gone/web', numbers: {} },
    ]),
  );
  expect(points.drain().slice(2)).toEqual([
    { name: 'container_memory_rss', labels: { node: 'n1', container: 'loose' }, value: 1, at: 1000, counter: false },
  ]);
});

test('limits unfetched points, and counts those left out', () => {
  const points = new ClusterPoints({ graph, most: 3 });
  for (let n = 0; n < 4; n++) points.take(told([]));
  expect([points.drain().length, points.dropped]).toEqual([3, 5]);
});
