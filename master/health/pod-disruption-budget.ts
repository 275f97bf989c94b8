// Health of a PodDisruptionBudget: whether enough Pods are healthy.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { behind, byCondition, conditionsOf, countAt, health, isBehind, statusOf } from './read.ts';

export const podDisruptionBudget = {
  types: ['PodDisruptionBudget'],
  fields: ['status.currentHealthy', 'status.desiredHealthy', 'status.expectedPods', 'status.conditions[]'],
  sentence: 'Ok when as many Pods are healthy as it wants; degraded when fewer are; idle when it has no Pods.',
  of: budgetHealth,
} as const satisfies HealthRule;

function budgetHealth(object: KubernetesObject): Health | undefined {
  if (object['status'] === undefined) return undefined;
  if (isBehind(object)) return behind;
  const failed = conditionsOf(object).get('DisruptionAllowed');
  if (failed?.reason === 'SyncFailed') return byCondition('degraded', failed);
  const status = statusOf(object);
  const [healthy, wanted] = [countAt(status, 'currentHealthy'), countAt(status, 'desiredHealthy')];
  const ready = `${healthy}/${wanted}`;
  if (countAt(status, 'expectedPods') === 0) return health('idle', 'NoPods', 'status.expectedPods', ready);
  if (healthy < wanted) return health('degraded', 'InsufficientPods', 'status.currentHealthy', ready);
  return health('ok', 'SufficientPods', 'status.currentHealthy', ready);
}
