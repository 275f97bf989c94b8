// Health of a DaemonSet.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { behind, countAt, fieldsAt, health, isBehind, specOf, statusOf } from './read.ts';
import { readiness, readyOf } from './workload.ts';

export const daemonSet = {
  types: ['DaemonSet'],
  fields: [
    'status.desiredNumberScheduled',
    'status.currentNumberScheduled',
    'status.numberReady',
    'status.updatedNumberScheduled',
    'spec.updateStrategy',
  ],
  sentence:
    'Ok when every node that is to have a Pod has one that is ready and new; progressing while they are made or updated; degraded when ' +
    'some are not ready; idle when no node is to have one.',
  of: daemonSetHealth,
} as const satisfies HealthRule;

function daemonSetHealth(object: KubernetesObject): Health | undefined {
  if (object['status'] === undefined) return undefined;
  const status = statusOf(object);
  const replicas = { wanted: countAt(status, 'desiredNumberScheduled'), ready: countAt(status, 'numberReady') };
  const ready = readyOf(replicas);
  if (isBehind(object)) return { ...behind, ready };
  if (replicas.wanted === 0) return health('idle', 'NoNodes', 'status.desiredNumberScheduled', ready);
  if (countAt(status, 'currentNumberScheduled') < replicas.wanted)
    return health('progressing', 'Creating', 'status.currentNumberScheduled', ready);
  const isOnDelete = fieldsAt(specOf(object), 'updateStrategy')['type'] === 'OnDelete';
  if (!isOnDelete && countAt(status, 'updatedNumberScheduled') < replicas.wanted)
    return health('progressing', 'RollingOut', 'status.updatedNumberScheduled', ready);
  return readiness(replicas, 'status.numberReady');
}
