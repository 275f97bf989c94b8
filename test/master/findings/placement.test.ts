// Replicas that share a Node, and Nodes that cannot be drained or lost.
import {
  nodeCannotDrain,
  noRoomForNodeLoss,
  podWithoutController,
  replicasOnOneNode,
} from '../../../master/findings/placement.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, condition, owner, pod, service, slice } from '../../support/finding-graph.ts';

const node = (name: string, spec: object = {}, status: object = {}) =>
  an('Node', name, {
    spec,
    status: { conditions: [condition('Ready', 'True')], allocatable: { cpu: '4', memory: '8Gi' }, ...status },
  });
const both = [service('cart'), pod('a'), pod('b'), slice('cart', { a: true, b: true })];

const labelled = (name: string, labels: { readonly [name: string]: string }, spec: object = {}) => {
  const made = node(name, spec);
  return { ...made, metadata: { ...made.metadata, labels } };
};
const zoned = (name: string, zone: string, spec: object = {}) =>
  labelled(name, { 'topology.kubernetes.io/zone': zone }, spec);
const asking = (spec: object, second = 'n1') => [
  service('cart'),
  pod('a', { nodeName: 'n1', ...spec }),
  pod('b', { nodeName: second, ...spec }),
  slice('cart', { a: true, b: true }),
];
const apart = asking({}, 'n2');
const nodeAffinity = (...matchExpressions: readonly object[]) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
  },
});
const tainted = node('n2', { taints: [{ key: 'pool', value: 'db', effect: 'NoSchedule' }] });
const spread = (whenUnsatisfiable: string) => ({
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'rack', whenUnsatisfiable }],
});
const apartFrom = (matchLabels: object, more: object = {}) => ({
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels }, ...more },
    ],
  },
});
const owned = (template: object) => [
  ...asking({}).map((each) =>
    each.kind === 'Pod' ? { ...each, metadata: { ...each.metadata, ...owner('ReplicaSet', 'shop/cart') } } : each,
  ),
  an('ReplicaSet', 'shop/cart', { spec: { replicas: 2, template: { spec: template } } }),
];
const mounting = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] };
const claim = (accessModes: readonly string[]) =>
  an('PersistentVolumeClaim', 'shop/data', { spec: { accessModes }, status: { phase: 'Bound' } });

findingCases(replicasOnOneNode, [
  {
    says: 'both run on one, and another would take them',
    objects: [...both, node('n1'), node('n2')],
    finds: ['Service:shop/cart'],
  },
  { says: 'the only Node', objects: [...both, node('n1')], finds: [] },
  { says: 'the other is cordoned', objects: [...both, node('n1'), node('n2', { unschedulable: true })], finds: [] },
  {
    says: 'on two',
    objects: [
      service('cart'),
      pod('a'),
      pod('b', { nodeName: 'n2' }),
      slice('cart', { a: true, b: true }),
      node('n1'),
      node('n2'),
    ],
    finds: [],
  },
  {
    says: 'one of a kind',
    objects: [service('cart'), pod('a'), slice('cart', { a: true }), node('n1'), node('n2')],
    finds: [],
  },
  {
    says: 'a selector that another Node meets',
    objects: [...asking({ nodeSelector: { disk: 'ssd' } }), node('n1'), labelled('n2', { disk: 'ssd' })],
    finds: ['Service:shop/cart'],
  },
  {
    says: 'a selector that no other Node meets',
    objects: [...asking({ nodeSelector: { disk: 'ssd' } }), node('n1'), labelled('n2', { disk: 'hdd' })],
    finds: [],
  },
  {
    says: 'an affinity that no other Node meets',
    objects: [
      ...asking({ affinity: nodeAffinity({ key: 'gpu', operator: 'In', values: ['a100', 'h100'] }) }),
      node('n1'),
      labelled('n2', { gpu: 't4' }),
    ],
    finds: [],
  },
  {
    says: 'an affinity that is not understood',
    objects: [...asking({ affinity: nodeAffinity({ key: 'gpu', operator: 'Near' }) }), node('n1'), node('n2')],
    finds: [],
  },
  {
    says: 'an affinity that another Node meets',
    objects: [
      ...asking({ affinity: nodeAffinity({ key: 'gpu', operator: 'DoesNotExist' }) }),
      node('n1'),
      labelled('n2', {}),
    ],
    finds: ['Service:shop/cart'],
  },
  {
    says: 'Pods that must be beside others',
    objects: [
      ...asking({
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname' }],
          },
        },
      }),
      node('n1'),
      node('n2'),
    ],
    finds: [],
  },
  {
    says: 'Pods that keep away from others, which may run on the other Node',
    objects: [...asking({ affinity: apartFrom({ app: 'db' }) }), node('n1'), node('n2')],
    finds: [],
  },
  {
    says: 'Pods that keep away from those of any Namespace',
    objects: [...asking({ affinity: apartFrom({ app: 'web' }, { namespaceSelector: {} }) }), node('n1'), node('n2')],
    finds: [],
  },
  {
    says: 'Pods that keep away from each other, and came before the other Node',
    objects: [...asking({ affinity: apartFrom({ app: 'web' }) }), node('n1'), node('n2')],
    finds: ['Service:shop/cart'],
  },
  {
    says: 'the other has a taint that they do not tolerate',
    objects: [...asking({ tolerations: [{ key: 'pool', operator: 'Equal', value: 'web' }] }), node('n1'), tainted],
    finds: [],
  },
  {
    says: 'the other has a taint that they tolerate',
    objects: [...asking({ tolerations: [{ key: 'pool', value: 'db', effect: 'NoSchedule' }] }), node('n1'), tainted],
    finds: ['Service:shop/cart'],
  },
  {
    says: 'the other lacks the label that they must be spread by',
    objects: [...asking(spread('DoNotSchedule')), labelled('n1', { rack: '1' }), node('n2')],
    finds: [],
  },
  {
    says: 'the other has the label that they must be spread by',
    objects: [...asking(spread('DoNotSchedule')), labelled('n1', { rack: '1' }), labelled('n2', { rack: '' })],
    finds: ['Service:shop/cart'],
  },
  {
    says: 'they only should be spread by a label',
    objects: [...asking(spread('ScheduleAnyway')), labelled('n1', { rack: '1' }), node('n2')],
    finds: ['Service:shop/cart'],
  },
  {
    says: 'their template names the Node',
    objects: [...owned({ nodeName: 'n1' }), node('n1'), node('n2')],
    finds: [],
  },
  {
    says: 'their template names no Node',
    objects: [...owned({}), node('n1'), node('n2')],
    finds: ['Service:shop/cart'],
  },
  {
    says: 'they share a volume that one Node can mount',
    objects: [...asking(mounting), claim(['ReadWriteOnce']), node('n1'), node('n2')],
    finds: [],
  },
  {
    says: 'they share a volume that many can mount',
    objects: [...asking(mounting), claim(['ReadWriteMany']), node('n1'), node('n2')],
    finds: ['Service:shop/cart'],
  },
  {
    says: 'on two Nodes of one zone, and another zone would take them',
    objects: [...apart, zoned('n1', 'a'), zoned('n2', 'a'), zoned('n3', 'b')],
    finds: ['Service:shop/cart'],
    and: { severity: 'low', sentence: /^All 2 endpoints of Service shop\/cart run in the zone a: they fail/ },
  },
  { says: 'the only zone', objects: [...apart, zoned('n1', 'a'), zoned('n2', 'a'), zoned('n3', 'a')], finds: [] },
  { says: 'in two zones', objects: [...apart, zoned('n1', 'a'), zoned('n2', 'b')], finds: [] },
  {
    says: 'the Nodes of the other zone are cordoned',
    objects: [...apart, zoned('n1', 'a'), zoned('n2', 'a'), zoned('n3', 'b', { unschedulable: true })],
    finds: [],
  },
  {
    says: 'a Node without a zone is not another zone',
    objects: [...apart, zoned('n1', 'a'), zoned('n2', 'a'), node('n3')],
    finds: [],
  },
  {
    says: 'a Pod on a Node whose zone is not known',
    objects: [...apart, zoned('n1', 'a'), node('n2'), zoned('n3', 'b')],
    finds: [],
  },
  {
    says: 'their selector keeps them in the zone',
    objects: [
      ...asking({ nodeSelector: { 'topology.kubernetes.io/zone': 'a' } }, 'n2'),
      zoned('n1', 'a'),
      zoned('n2', 'a'),
      zoned('n3', 'b'),
    ],
    finds: [],
  },
  {
    says: 'a zone that comes later',
    objects: [...apart, zoned('n1', 'a'), zoned('n2', 'a')],
    afterwards: (graph) => graph.put(zoned('n3', 'b')),
    finds: ['Service:shop/cart'],
  },
  {
    says: 'a Node that moves to another zone',
    objects: [...apart, zoned('n1', 'a'), zoned('n2', 'a'), zoned('n3', 'b')],
    afterwards: (graph) => graph.put(zoned('n2', 'b')),
    finds: [],
  },
]);

const blocking = an('PodDisruptionBudget', 'shop/b', {
  spec: { selector: { matchLabels: { app: 'web' } }, minAvailable: 1 },
  status: { disruptionsAllowed: 0, currentHealthy: 1, expectedPods: 1 },
});

findingCases(nodeCannotDrain, [
  {
    says: 'a budget allows no eviction',
    objects: [node('n1'), pod('a'), blocking],
    finds: ['Node:n1'],
    and: { severity: 'high' },
  },
  {
    says: 'and somebody is trying to',
    objects: [node('n1', { unschedulable: true }), pod('a'), blocking],
    finds: ['Node:n1'],
    and: { severity: 'critical' },
  },
  {
    says: 'it allows one',
    objects: [
      node('n1'),
      pod('a'),
      { ...blocking, status: { disruptionsAllowed: 1, currentHealthy: 2, expectedPods: 2 } },
    ],
    finds: [],
  },
  {
    says: 'budgets that cannot be read',
    objects: [node('n1'), pod('a'), blocking],
    unknown: ['PodDisruptionBudget'],
    finds: [],
  },
]);

const requests = (cpu: string, memory = '0') => ({ resources: { requests: { cpu, memory } } });
const asks = (name: string, nodeName: string, cpu: string, memory?: string) =>
  pod(name, { nodeName, containers: [{ name: 'a', ...requests(cpu, memory) }] });
const two = [node('n1'), node('n2')];
const full = asks('full', 'n2', '2500m');

findingCases(noRoomForNodeLoss, [
  {
    says: 'the Pods of one do not fit on the other',
    objects: [...two, asks('a', 'n1', '3'), asks('b', 'n2', '1500m')],
    finds: ['Cluster:test'],
    and: {
      field: 'cpu',
      sentence: /^If Node n1 fails, its Pods request 3 of cpu where 2.5 is free on the other Nodes$/,
    },
  },
  {
    says: 'the memory does not fit, of three Nodes of two sizes',
    objects: [
      ...two,
      node('large', {}, { allocatable: { cpu: '16', memory: '64Gi' } }),
      asks('a', 'large', '1', '16Gi'),
      asks('b', 'n1', '1', '4Gi'),
    ],
    finds: ['Cluster:test'],
    and: { field: 'memory', sentence: /Node large fails, its Pods request 16384Mi of memory where 12288Mi is free/ },
  },
  {
    says: 'an autoscaler adds Nodes',
    objects: [...two, asks('a', 'n1', '3'), full, an('Deployment', 'kube-system/cluster-autoscaler')],
    finds: ['Cluster:test'],
    and: { severity: 'info' },
  },
  {
    says: 'sidecars, a large init container, requests of the Pod and its overhead count',
    objects: [
      ...two,
      full,
      pod('a', {
        nodeName: 'n1',
        overhead: { cpu: '100m' },
        initContainers: [{ name: 's', restartPolicy: 'Always', ...requests('1') }],
        containers: [{ name: 'c', ...requests('500m') }],
      }),
    ],
    finds: ['Cluster:test'],
    and: { sentence: /Node n1 fails, its Pods request 1.6 of cpu where 1.5 is free/ },
  },
  {
    says: 'an init container ends before the others begin',
    objects: [
      ...two,
      full,
      pod('a', {
        nodeName: 'n1',
        initContainers: [{ name: 'i', ...requests('1500m') }],
        containers: [{ name: 'c', ...requests('1') }],
      }),
    ],
    finds: [],
  },
  {
    says: 'the Pod itself says less than its containers',
    objects: [
      ...two,
      full,
      pod('a', { nodeName: 'n1', ...requests('1'), containers: [{ name: 'c', ...requests('3') }] }),
    ],
    finds: [],
  },
  { says: 'it fits', objects: [...two, asks('a', 'n1', '2'), asks('b', 'n2', '500m')], finds: [] },
  { says: 'it fits exactly', objects: [...two, asks('a', 'n1', '1500m'), full], finds: [] },
  { says: 'the only Node', objects: [node('n1'), asks('a', 'n1', '3')], finds: [] },
  {
    says: 'Pods of a DaemonSet go with their Node',
    objects: [
      ...two,
      an('DaemonSet', 'shop/agent'),
      ...['n1', 'n2'].flatMap((nodeName) => [
        pod(
          `agent-${nodeName}`,
          { nodeName, containers: [{ name: 'a', ...requests('3') }] },
          {},
          owner('DaemonSet', 'shop/agent'),
        ),
        asks(`web-${nodeName}`, nodeName, '500m'),
      ]),
    ],
    finds: [],
  },
  {
    says: 'static Pods go with their Node',
    objects: [
      ...two,
      ...['n1', 'n2'].flatMap((nodeName) => [
        pod(
          `static-${nodeName}`,
          { nodeName, containers: [{ name: 'a', ...requests('3') }] },
          {},
          { annotations: { 'kubernetes.io/config.mirror': 'x' } },
        ),
        asks(`web-${nodeName}`, nodeName, '500m'),
      ]),
    ],
    finds: [],
  },
  {
    says: 'a Node does not say yet what it has',
    objects: [node('n1'), node('n2', {}, { allocatable: {} }), asks('a', 'n1', '3')],
    finds: [],
  },
]);

findingCases(podWithoutController, [
  { says: 'nothing makes it again', objects: [pod('a')], finds: ['Pod:shop/a'] },
  {
    says: 'a ReplicaSet does',
    objects: [an('ReplicaSet', 'shop/r'), pod('a', {}, {}, owner('ReplicaSet', 'shop/r'))],
    finds: [],
  },
  {
    says: 'a static one',
    objects: [pod('a', {}, {}, { annotations: { 'kubernetes.io/config.mirror': 'x' } })],
    finds: [],
  },
  { says: 'in its first day', objects: [pod('a', {}, {}, { creationTimestamp: ago(60) })], finds: [] },
  { says: 'one that has ended', objects: [pod('a', {}, { phase: 'Succeeded' })], finds: [] },
]);
