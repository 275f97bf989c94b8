// Claims that wait, are lost or unused, or are unreachable for nodes.
import { claimLost, claimPending, claimUnused, claimWhereNoNode } from '../../../master/findings/storage.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, condition, pod } from '../../support/finding-graph.ts';

const claim = (phase: string, spec: object = {}, metadata: object = {}) =>
  an(
    'PersistentVolumeClaim',
    'shop/data',
    { spec: { storageClassName: 'fast', ...spec }, status: { phase } },
    metadata,
  );
const storage = (mode: string) => an('StorageClass', 'fast', { provisioner: 'disk', volumeBindingMode: mode });
const mounts = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] };

findingCases(claimPending, [
  {
    says: 'its class binds at once',
    objects: [claim('Pending'), storage('Immediate')],
    finds: ['PersistentVolumeClaim:shop/data'],
  },
  { says: 'its class waits for a Pod', objects: [claim('Pending'), storage('WaitForFirstConsumer')], finds: [] },
  {
    says: 'and a Pod that mounts it has a node',
    objects: [claim('Pending'), storage('WaitForFirstConsumer'), pod('a', mounts)],
    finds: ['PersistentVolumeClaim:shop/data'],
  },
  {
    says: 'in its first five minutes',
    objects: [claim('Pending', {}, { creationTimestamp: ago(3) }), storage('Immediate')],
    finds: [],
  },
  { says: 'without its class that is the finding', objects: [claim('Pending')], finds: [] },
  {
    says: 'classes that cannot be read',
    objects: [claim('Pending'), storage('Immediate')],
    unknown: ['StorageClass'],
    finds: [],
  },
]);

findingCases(
  claimLost,
  [
    {
      says: 'its phase says so',
      objects: [claim('Lost', { volumeName: 'v1' })],
      finds: ['PersistentVolumeClaim:shop/data'],
      and: { severity: 'critical' },
    },
    {
      says: 'bound to a volume that does not exist',
      objects: [claim('Bound', { volumeName: 'v1' })],
      finds: ['PersistentVolumeClaim:shop/data'],
    },
    { says: 'bound', objects: [claim('Bound', { volumeName: 'v1' }), an('PersistentVolume', 'v1')], finds: [] },
  ],
  { alone: true },
);

findingCases(claimUnused, [
  { says: 'nothing mounts it', objects: [claim('Bound')], finds: ['PersistentVolumeClaim:shop/data'] },
  { says: 'a Pod does', objects: [claim('Bound'), pod('a', mounts)], finds: [] },
  {
    says: 'the template of a suspended CronJob does',
    objects: [
      claim('Bound'),
      an('CronJob', 'shop/n', {
        spec: {
          suspend: true,
          jobTemplate: { spec: { template: { spec: { containers: [{ name: 'a' }], ...mounts } } } },
        },
      }),
    ],
    finds: [],
  },
  { says: 'in its first week', objects: [claim('Bound', {}, { creationTimestamp: ago(60 * 24) })], finds: [] },
]);

const volume = an('PersistentVolume', 'v1', {
  spec: {
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n1'] }] }],
      },
    },
  },
});
const node = (spec: object = {}) =>
  an(
    'Node',
    'n1',
    { spec, status: { conditions: [condition('Ready', 'True')] } },
    { labels: { 'kubernetes.io/hostname': 'n1' } },
  );
const waiting = pod(
  'a',
  { nodeName: undefined, ...mounts },
  { ready: false, phase: 'Pending', conditions: [condition('PodScheduled', 'False')] },
);

findingCases(claimWhereNoNode, [
  {
    says: 'the only node that reaches its volume is cordoned',
    objects: [waiting, claim('Bound', { volumeName: 'v1' }), volume, node({ unschedulable: true })],
    finds: ['Pod:shop/a'],
    and: { sentence: /only from n1/ },
  },
  {
    says: 'and is gone',
    objects: [waiting, claim('Bound', { volumeName: 'v1' }), volume],
    finds: ['Pod:shop/a'],
    and: { sentence: /no Node that there is/ },
  },
  { says: 'it takes Pods', objects: [waiting, claim('Bound', { volumeName: 'v1' }), volume, node()], finds: [] },
  {
    says: 'Nodes that cannot be read',
    objects: [waiting, claim('Bound', { volumeName: 'v1' }), volume],
    unknown: ['Node'],
    finds: [],
  },
]);
