// Health of a Namespace: during deletion, what blocks it.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { byCondition, conditionsOf, health, isDeleted, statusOf, terminating, textAt } from './read.ts';

export const namespace = {
  types: ['Namespace'],
  fields: ['status.phase', 'status.conditions[]', 'metadata.deletionTimestamp'],
  sentence: 'Ok when it is active; progressing while it is being deleted, degraded when that fails.',
  deletion: true,
  of: namespaceHealth,
} as const satisfies HealthRule;

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/#NamespaceStatus */
const failures = [
  'NamespaceDeletionDiscoveryFailure',
  'NamespaceDeletionContentFailure',
  'NamespaceDeletionGroupVersionParsingFailure',
] as const;
const waits = ['NamespaceFinalizersRemaining', 'NamespaceContentRemaining'] as const;

function namespaceHealth(object: KubernetesObject): Health | undefined {
  const phase = textAt(statusOf(object), 'phase');
  if (!isDeleted(object) && phase !== 'Terminating') return phase ? health('ok', phase, 'status.phase') : undefined;
  const conditions = conditionsOf(object);
  const held = (types: readonly string[]) =>
    types.map((type) => conditions.get(type)).find((condition) => condition?.status === 'True');
  const failed = held(failures);
  if (failed) return byCondition('degraded', failed);
  return { ...terminating, field: held(waits)?.field ?? terminating.field };
}
