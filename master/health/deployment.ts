// Health of a Deployment.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { behind, byCondition, conditionsOf, countAt, health, isBehind, specOf, statusOf } from './read.ts';
import { creationFailure, type Replicas, readyOf, scaledDown, wantedReplicas } from './workload.ts';

export const deployment = {
  types: ['Deployment'],
  fields: ['spec.replicas', 'spec.paused', 'status.conditions[]', 'status.readyReplicas', 'status.updatedReplicas'],
  sentence:
    'Ok when all that are wanted are new and available; progressing while it rolls out; degraded when some are missing after that, ' +
    'failed when all are, when its deadline is over, or when no Pod can be made; idle when none is wanted.',
  of: deploymentHealth,
} as const satisfies HealthRule;

function deploymentHealth(object: KubernetesObject): Health | undefined {
  const status = statusOf(object);
  const replicas = { wanted: wantedReplicas(object), ready: countAt(status, 'readyReplicas') };
  if (object['status'] === undefined) return undefined;
  if (isBehind(object)) return { ...behind, ready: readyOf(replicas) };
  const progress = conditionsOf(object).get('Progressing');
  return (
    scaledDown(replicas, countAt(status, 'replicas')) ??
    (progress?.reason === 'ProgressDeadlineExceeded'
      ? byCondition('failed', progress, readyOf(replicas))
      : undefined) ??
    creationFailure(object, replicas) ??
    rollout(object, replicas) ??
    availability(object, replicas)
  );
}

function rollout(object: KubernetesObject, replicas: Replicas): Health | undefined {
  const status = statusOf(object);
  const updated = countAt(status, 'updatedReplicas');
  const ready = readyOf(replicas);
  if (updated >= replicas.wanted && countAt(status, 'replicas') <= updated) return undefined;
  if (specOf(object)['paused'] === true) {
    const isServed = replicas.ready >= replicas.wanted;
    return health(isServed ? 'idle' : 'degraded', 'Paused', 'spec.paused', ready);
  }
  return health('progressing', 'RollingOut', 'status.updatedReplicas', ready);
}

/** All Pods are new. The reason of its progress tells whether a lacking one ever existed. */
function availability(object: KubernetesObject, replicas: Replicas): Health {
  const conditions = conditionsOf(object);
  const ready = readyOf(replicas);
  const available = countAt(statusOf(object), 'availableReplicas');
  if (available >= replicas.wanted) return health('ok', 'Available', 'status.availableReplicas', ready);
  const progress = conditions.get('Progressing');
  const isOver = !progress || progress.reason === 'NewReplicaSetAvailable';
  if (!isOver) return health('progressing', 'RollingOut', progress.field, ready);
  if (available > 0) return health('degraded', 'PartlyAvailable', 'status.availableReplicas', ready);
  const condition = conditions.get('Available');
  return health('failed', 'Unavailable', condition?.field ?? 'status.availableReplicas', ready);
}
