// Owner references: a workload controller monitors its Pods, every other owner owns. Matched by UID, never by name.
import { isName, itemsOf } from '../../src/fields.ts';
import { typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject, OwnerReference } from '../../src/model.ts';
import type { Rule, UidEnd } from './relation.ts';

const controllers: readonly string[] = ['ReplicationController', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'];

function isMonitor(object: KubernetesObject, owner: OwnerReference): boolean {
  if (object.kind !== 'Pod' || owner.controller !== true || !controllers.includes(owner.kind)) return false;
  return typeOfReference(owner.apiVersion, owner.kind) === owner.kind && object.apiVersion === 'v1';
}

/** An owner is in the same namespace or cluster-scoped: a cross-namespace reference is invalid and finds nothing. */
function ownerEnd(object: KubernetesObject, owner: OwnerReference): UidEnd {
  const { name, uid } = owner;
  const type = typeOfReference(owner.apiVersion, owner.kind);
  const { namespace } = object.metadata;
  return namespace ? { by: 'uid', type, namespace, name, uid, scope: 'either' } : { by: 'uid', type, name, uid };
}

function isWhole(owner: OwnerReference | null | undefined): owner is OwnerReference {
  const { apiVersion, kind, name, uid } = owner ?? {};
  return isName(apiVersion) && isName(kind) && isName(name) && isName(uid);
}

export const controllerMonitorsPod = {
  name: 'controller-monitors-pod',
  relation: 'monitors',
  reads: ['Pod'],
  source: controllers,
  target: ['Pod'],
  fields: ['metadata.ownerReferences[]'],
  dependence: 'target',
  sentence: 'A workload controller monitors the Pods whose controller owner reference has its UID.',
  infer(object, refer) {
    const owners = itemsOf(object.metadata.ownerReferences);
    for (let i = 0; i < owners.length; i++) {
      const owner = owners[i];
      if (!isWhole(owner) || !isMonitor(object, owner)) continue;
      const { kind: type, name, uid } = owner;
      const { namespace } = object.metadata;
      refer({ source: { by: 'uid', type, namespace, name, uid }, field: `metadata.ownerReferences[${i}]` });
    }
  },
} as const satisfies Rule;

export const ownerOwns = {
  name: 'owner-owns',
  relation: 'owns',
  reads: ['*'],
  source: ['*'],
  target: ['*'],
  fields: ['metadata.ownerReferences[]'],
  dependence: 'target',
  sentence:
    'An owner owns the objects with its UID in an owner reference, except Pods, which workload controllers monitor.',
  infer(object, refer) {
    const owners = itemsOf(object.metadata.ownerReferences);
    const isOwnedBySeveral = owners.filter((each) => isWhole(each)).length > 1;
    for (let i = 0; i < owners.length; i++) {
      const owner = owners[i];
      if (!isWhole(owner) || isMonitor(object, owner)) continue;
      const blocksOwnerDeletion = owner.blockOwnerDeletion === true || undefined;
      // An object with several owners is collected with the last one.
      const dependence = isOwnedBySeveral && owner.controller !== true ? 'none' : undefined;
      const field = `metadata.ownerReferences[${i}]`;
      refer({ source: ownerEnd(object, owner), field, blocksOwnerDeletion, dependence });
    }
  },
} as const satisfies Rule;
