import { controllerMonitorsPod, ownerOwns } from '../../../master/relations/owners.ts';
import { clusterObject, object, pod, ruleCases } from '../../support/rule-cases.ts';

const owner = (apiVersion: string, kind: string, name: string, controller = true) => ({
  apiVersion,
  kind,
  name,
  uid: `uid-of-${name}`,
  controller,
});
const owned = (...ownerReferences: unknown[]) => pod({}, { ownerReferences });
const replicaSet = owner('apps/v1', 'ReplicaSet', 'web-5d');
const byUid = (type: string, name: string) =>
  ({ by: 'uid', type, namespace: 'shop', name, uid: `uid-of-${name}` }) as const;
const field = 'metadata.ownerReferences[0]';

ruleCases(controllerMonitorsPod, [
  {
    says: 'a ReplicaSet monitors the Pod it controls, by UID: a recreated owner is another owner',
    object: owned(replicaSet),
    refers: [{ source: byUid('ReplicaSet', 'web-5d'), field }],
  },
  ...(['ReplicationController', 'StatefulSet', 'DaemonSet', 'Job'] as const).map((kind) => ({
    says: `a ${kind} monitors the Pod it controls`,
    object: owned(owner(kind === 'Job' ? 'batch/v1' : kind === 'ReplicationController' ? 'v1' : 'apps/v1', kind, 'x')),
    refers: [{ source: byUid(kind, 'x'), field }],
  })),
  {
    says: 'of several owners the controller monitors, at its own index',
    object: owned(owner('acme.io/v1', 'Tenant', 't', false), replicaSet),
    refers: [{ source: byUid('ReplicaSet', 'web-5d'), field: 'metadata.ownerReferences[1]' }],
  },
  { says: 'an orphaned Pod is monitored by none', object: owned(), refers: [] },
  {
    says: 'an owner that does not control does not monitor',
    object: owned({ ...replicaSet, controller: false }),
    refers: [],
  },
  { says: 'a custom controller owns', object: owned(owner('acme.io/v1', 'Tenant', 't')), refers: [] },
  {
    says: 'a kind of another group that is called ReplicaSet owns',
    object: owned(owner('acme.io/v1', 'ReplicaSet', 'r')),
    refers: [],
  },
]);

ruleCases(ownerOwns, [
  {
    says: 'a Deployment owns its ReplicaSet, though it controls it',
    object: object('apps/v1', 'ReplicaSet', {}, { ownerReferences: [owner('apps/v1', 'Deployment', 'web')] }),
    refers: [{ source: { ...byUid('Deployment', 'web'), scope: 'either' }, field }],
  },
  {
    says: 'a CronJob owns its Job',
    object: object('batch/v1', 'Job', {}, { ownerReferences: [owner('batch/v1', 'CronJob', 'report')] }),
    refers: [{ source: { ...byUid('CronJob', 'report'), scope: 'either' }, field }],
  },
  {
    says: 'a Node, which lies in no namespace, owns the mirror of a static Pod',
    object: owned(owner('v1', 'Node', 'node-1')),
    refers: [{ source: { ...byUid('Node', 'node-1'), scope: 'either' }, field }],
  },
  {
    says: 'the owner of what lies in no namespace lies in none',
    object: clusterObject('storage.k8s.io/v1', 'CSINode', {}, { ownerReferences: [owner('v1', 'Node', 'node-1')] }),
    refers: [{ source: { by: 'uid', type: 'Node', name: 'node-1', uid: 'uid-of-node-1' }, field }],
  },
  {
    says: 'a custom owner carries its group, and the namespace of what it owns: across namespaces nothing is found',
    object: owned(owner('serving.knative.dev/v1', 'Service', 'web')),
    refers: [{ source: { ...byUid('Service.serving.knative.dev', 'web'), scope: 'either' }, field }],
  },
  {
    says: 'a Pod’s second owner owns it beside the controller that monitors it',
    object: owned(replicaSet, owner('acme.io/v1', 'Tenant', 't', false)),
    refers: [
      {
        source: { ...byUid('Tenant.acme.io', 't'), scope: 'either' },
        field: 'metadata.ownerReferences[1]',
        dependence: 'none',
      },
    ],
  },
  { says: 'a workload controller monitors and does not own', object: owned(replicaSet), refers: [] },
  {
    says: 'an owner without a UID is nobody',
    object: owned({ apiVersion: 'v1', kind: 'Node', name: 'n' }),
    refers: [],
  },
]);
