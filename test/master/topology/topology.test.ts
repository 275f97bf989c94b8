import { expect, test } from 'vitest';
import type { Vertex } from '../../../master/graph/model/vertex.ts';
import { withReadView } from '../../../master/graph/revisions/read-view.ts';
import { holderOf } from '../../../master/topology/holder-of.ts';
import { imagesOf } from '../../../master/topology/images-of.ts';
import { asItIs, neighbours } from '../../../master/topology/neighbours.ts';
import { nodeOf } from '../../../master/topology/node-of.ts';
import { podOf } from '../../../master/topology/pod-of.ts';
import { zoneOf, zonesOfNodes } from '../../../master/topology/zone-of.ts';
import { resourceId } from '../../../src/ids.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { createGraph, kindNamed } from '../../support/random-cluster.ts';
import { finish } from '../../support/steps.ts';

const digest = `sha256:${'4'.repeat(64)}`;
const owner = (kind: string, name: string, apiVersion = 'apps/v1') => [
  { apiVersion, kind, name, uid: `uid-${name}`, controller: true },
];

function shop() {
  const graph = createGraph();
  const put = (kind: string, metadata: object, more: object = {}, apiVersion = 'v1') =>
    graph.store
      .sinkOf(kindNamed(kind))
      .event('ADDED', { apiVersion, kind, metadata: { namespace: 'shop', ...metadata }, ...more } as KubernetesObject);
  put('Node', { namespace: undefined, name: 'n1', labels: { 'topology.kubernetes.io/zone': 'west' } });
  put('Deployment', { name: 'web', uid: 'uid-web' }, {}, 'apps/v1');
  put('ReplicaSet', { name: 'web-1', uid: 'uid-web-1', ownerReferences: owner('Deployment', 'web') }, {}, 'apps/v1');
  const containers = [{ name: 'main', image: 'shop/web:1' }];
  const containerStatuses = [{ name: 'main', image: 'shop/web:1', imageID: `shop/web@${digest}`, ready: true }];
  put(
    'Pod',
    { name: 'web-1-a', uid: 'p', ownerReferences: owner('ReplicaSet', 'web-1') },
    { spec: { nodeName: 'n1', containers }, status: { phase: 'Running', containerStatuses } },
  );
  put('Pod', { name: 'bare' }, { spec: { containers: [] } });
  const at = (id: string): Vertex => {
    const vertex = graph.engine.get(id);
    if (!vertex) throw new Error(`no ${id}`);
    return vertex;
  };
  return { ...graph, put, at, pod: at('Pod:shop/web-1-a'), container: at('Container:shop/web-1-a/main') };
}

const ids = (vertices: Iterable<Vertex>) => [...vertices].map(({ id }) => id);

test('neighbours are those of one relation, on one side', () => {
  const { pod, container } = shop();
  expect(ids(neighbours(asItIs, pod, 'contains', 'out'))).toEqual([container.id]);
  expect(ids(neighbours(asItIs, container, 'contains', 'in'))).toEqual([pod.id]);
  expect(ids(neighbours(asItIs, container, 'contains', 'out'))).toEqual([]);
});

test('the Pod of a container, and what a resource stands and falls with', () => {
  const { pod, container, at } = shop();
  expect([pod, container].map((each) => podOf(asItIs, each)?.id)).toEqual([pod.id, pod.id]);
  expect(podOf(asItIs, at('Node:n1'))).toBeUndefined();
  expect([pod, container, at('Node:n1')].map((each) => holderOf(asItIs, each).id)).toEqual([pod.id, pod.id, 'Node:n1']);
});

test('the node, the zone and the images of anything', () => {
  const { engine, pod, container, at } = shop();
  const all = [pod, container, at('Node:n1'), at('Pod:shop/bare'), at('Deployment:shop/web')];
  expect(all.map((each) => nodeOf(asItIs, each))).toEqual(['n1', 'n1', 'n1', undefined, undefined]);
  const zones = finish(
    // oxlint-disable-next-line eslint/require-yield
    withReadView(engine, function* (view) {
      const known = zonesOfNodes(view);
      return all.map((each) => zoneOf(known, view.undoLog, each));
    }),
  );
  expect(zones).toEqual(['west', 'west', 'west', undefined, undefined]);
  const image = resourceId('Image', digest);
  expect(all.map((each) => ids(imagesOf(asItIs, each)))).toEqual([[image], [image], [], [], []]);
  expect(ids(imagesOf(asItIs, at(image)))).toEqual([image]);
});

test('what was asked of a moment is answered as of then, whatever happened since', () => {
  const { engine, store, pod, container } = shop();
  const undoLog = engine.undoLogs.open();
  store
    .sinkOf(kindNamed('Pod'))
    .event('DELETED', { metadata: { namespace: 'shop', name: 'web-1-a' } } as KubernetesObject);
  expect(podOf(undoLog, container)?.id).toBe(pod.id);
  expect(nodeOf(undoLog, container)).toBe('n1');
  expect(nodeOf(asItIs, pod)).toBeUndefined();
  undoLog.close();
});
