// Health of a StatefulSet.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { behind, countAt, fieldsAt, health, isBehind, specOf, statusOf, textAt } from './read.ts';
import { readiness, readyOf, scaledDown, wantedReplicas } from './workload.ts';

export const statefulSet = {
  types: ['StatefulSet'],
  fields: [
    'spec.replicas',
    'spec.updateStrategy',
    'status.readyReplicas',
    'status.updatedReplicas',
    'status.updateRevision',
  ],
  sentence:
    'Ok when all that are wanted are ready and of the newest revision, as far as its partition lets them; progressing while they are ' +
    'made or updated; degraded when some are not ready; idle when none is wanted.',
  of: statefulSetHealth,
} as const satisfies HealthRule;

function statefulSetHealth(object: KubernetesObject): Health | undefined {
  if (object['status'] === undefined) return undefined;
  const status = statusOf(object);
  const replicas = { wanted: wantedReplicas(object), ready: countAt(status, 'readyReplicas') };
  const ready = readyOf(replicas);
  if (isBehind(object)) return { ...behind, ready };
  const existing = countAt(status, 'replicas');
  const idle = scaledDown(replicas, existing);
  if (idle) return idle;
  if (existing < replicas.wanted) return health('progressing', 'Creating', 'status.replicas', ready);
  if (existing > replicas.wanted) return health('progressing', 'ScalingDown', 'status.replicas', ready);
  return updating(object, ready) ?? readiness(replicas, 'status.readyReplicas');
}

/** With OnDelete it waits for manual deletion of Pods, which is no progress. */
function updating(object: KubernetesObject, ready: string): Health | undefined {
  const status = statusOf(object);
  const strategy = fieldsAt(specOf(object), 'updateStrategy');
  const [now, next] = [textAt(status, 'currentRevision'), textAt(status, 'updateRevision')];
  if (strategy['type'] === 'OnDelete' || !next || now === next) return undefined;
  const partition = countAt(fieldsAt(strategy, 'rollingUpdate'), 'partition');
  if (countAt(status, 'updatedReplicas') >= Math.max(0, wantedReplicas(object) - partition)) return undefined;
  return health('progressing', 'RollingOut', 'status.updatedReplicas', ready);
}
