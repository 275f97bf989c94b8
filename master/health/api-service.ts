// Health of an APIService: whether its group and version are served.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { byCondition, conditionsOf } from './read.ts';

export const apiService = {
  types: ['APIService'],
  fields: ['status.conditions[]'],
  sentence: 'Ok when it is available; failed when what serves it does not answer.',
  of: apiServiceHealth,
} as const satisfies HealthRule;

function apiServiceHealth(object: KubernetesObject): Health | undefined {
  const available = conditionsOf(object).get('Available');
  if (!available) return undefined;
  if (available.status === 'True') return { ...byCondition('ok', available), reason: 'Available' };
  return byCondition(available.status === 'False' ? 'failed' : 'unknown', available);
}
