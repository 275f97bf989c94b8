// Events about some objects. Events about nodes have the node's name as UID.
import type { KubernetesObject } from '../../model.ts';
import { birth, make, uidOf } from './make.ts';

type Row = readonly [
  kind: string,
  apiVersion: string,
  path: string,
  reason: string,
  message: string,
  type: 'Normal' | 'Warning',
  count: number,
];

const rows: readonly Row[] = [
  [
    'Pod',
    'v1',
    'web/recommendations-0',
    'FailedScheduling',
    '0/3 nodes are available: 3 Insufficient cpu.',
    'Warning',
    12,
  ],
  ['Deployment', 'apps/v1', 'web/storefront', 'ScalingReplicaSet', 'Scaled up replica set to 3', 'Normal', 1],
  ['Node', 'v1', 'node-b', 'Starting', 'Starting kubelet.', 'Normal', 1],
  ['Node', 'v1', 'node-b', 'NodeReady', 'Node node-b status is now: NodeReady', 'Normal', 1],
  [
    'PersistentVolumeClaim',
    'v1',
    'data/pg-restored',
    'WaitForFirstConsumer',
    'waiting for first consumer to be created before binding',
    'Normal',
    40,
  ],
];

export function eventObjects(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const uids = new Map(objects.map(({ kind, metadata }) => [`${kind}:${pathOf(metadata)}`, metadata.uid]));
  return rows.map((row) => event(row, uids.get(`${row[0]}:${row[2]}`)));
}

function pathOf({ namespace, name }: KubernetesObject['metadata']): string {
  return namespace ? `${namespace}/${name}` : name;
}

function event([kind, apiVersion, path, reason, message, type, count]: Row, uid: string | undefined): KubernetesObject {
  const slash = path.indexOf('/');
  const name = path.slice(slash + 1);
  const namespace = slash > 0 ? path.slice(0, slash) : undefined;
  const hash = uidOf(path, reason).replaceAll('-', '').slice(0, 16);
  return make('v1', 'Event', `${namespace ?? 'default'}/${name}.${hash}`, {
    involvedObject: { kind, ...(namespace && { namespace }), name, uid: kind === 'Node' ? name : uid, apiVersion },
    reason,
    message,
    source: { component: kind === 'Node' ? 'kubelet' : 'controller' },
    firstTimestamp: birth,
    lastTimestamp: birth,
    count,
    type,
    eventTime: null,
    reportingComponent: kind === 'Node' ? 'kubelet' : 'controller',
    reportingInstance: '',
  });
}
