// Health of a ValidatingAdmissionPolicy: whether its expressions match their types.
import { itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { behind, fieldsAt, health, isBehind, statusOf } from './read.ts';

export const validatingAdmissionPolicy = {
  types: ['ValidatingAdmissionPolicy'],
  fields: ['status.typeChecking.expressionWarnings', 'status.observedGeneration'],
  sentence: 'Ok when its expressions fit the types that they are about; degraded when one does not.',
  of: policyHealth,
} as const satisfies HealthRule;

function policyHealth(object: KubernetesObject): Health | undefined {
  if (isBehind(object)) return behind;
  const checking = fieldsAt(statusOf(object), 'typeChecking');
  const warnings = itemsOf(checking['expressionWarnings'] as readonly unknown[] | undefined);
  const field = 'status.typeChecking.expressionWarnings';
  if (warnings.length > 0) return health('degraded', 'ExpressionWarnings', field);
  return 'typeChecking' in statusOf(object) ? health('ok', 'TypesChecked', field) : undefined;
}
