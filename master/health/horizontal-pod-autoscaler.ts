// Health of a HorizontalPodAutoscaler: whether it can read its metrics and scale its target.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { byCondition, conditionsOf, countAt, health, statusOf } from './read.ts';

export const horizontalPodAutoscaler = {
  types: ['HorizontalPodAutoscaler'],
  fields: ['status.conditions[]', 'status.currentReplicas', 'status.desiredReplicas'],
  sentence:
    'Ok when it can read its metrics and scale its target, at its bounds too; degraded when it cannot; idle when scaling is off.',
  of: autoscalerHealth,
} as const satisfies HealthRule;

function autoscalerHealth(object: KubernetesObject): Health | undefined {
  const conditions = conditionsOf(object);
  const [able, active, limited] = ['AbleToScale', 'ScalingActive', 'ScalingLimited'].map((type) =>
    conditions.get(type),
  );
  if (active?.reason === 'ScalingDisabled') return byCondition('idle', active);
  for (const lacking of [able, active]) if (lacking?.status === 'False') return byCondition('degraded', lacking);
  if (!able && !active) return undefined;
  const status = statusOf(object);
  if (countAt(status, 'currentReplicas') !== countAt(status, 'desiredReplicas'))
    return health('progressing', 'Scaling', 'status.desiredReplicas');
  if (limited?.status === 'True') return byCondition('ok', limited);
  return health('ok', 'ScalingActive', active?.field ?? able?.field ?? 'status.conditions');
}
