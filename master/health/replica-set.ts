// Health of a ReplicaSet or ReplicationController.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { behind, countAt, health, isBehind, statusOf } from './read.ts';
import { creationFailure, readiness, readyOf, scaledDown, wantedReplicas } from './workload.ts';

export const replicaSet = {
  types: ['ReplicaSet', 'ReplicationController'],
  fields: ['spec.replicas', 'status.replicas', 'status.readyReplicas', 'status.conditions[]'],
  sentence:
    'Ok when all that are wanted are ready; progressing until they are made; degraded when some are not ready; failed when none ' +
    'can be made; idle when none is wanted, as of old revisions of a Deployment.',
  of: replicaSetHealth,
} as const satisfies HealthRule;

function replicaSetHealth(object: KubernetesObject): Health | undefined {
  if (object['status'] === undefined) return undefined;
  const status = statusOf(object);
  const replicas = { wanted: wantedReplicas(object), ready: countAt(status, 'readyReplicas') };
  if (isBehind(object)) return { ...behind, ready: readyOf(replicas) };
  const existing = countAt(status, 'replicas');
  const early = scaledDown(replicas, existing) ?? creationFailure(object, replicas);
  if (early) return early;
  if (existing < replicas.wanted) return health('progressing', 'Creating', 'status.replicas', readyOf(replicas));
  return readiness(replicas, 'status.readyReplicas');
}
