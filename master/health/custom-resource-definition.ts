// Health of a CustomResourceDefinition: whether it is served.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { byCondition, conditionsOf } from './read.ts';

export const customResourceDefinition = {
  types: ['CustomResourceDefinition'],
  fields: ['status.conditions[]'],
  sentence:
    'Ok when it is established; failed when its names are taken; degraded when its schema is not structural or its group wants an ' +
    'approval; progressing until it is established or while it is being taken away.',
  of: definitionHealth,
} as const satisfies HealthRule;

function definitionHealth(object: KubernetesObject): Health | undefined {
  const conditions = conditionsOf(object);
  const of = (type: string, status: string) => {
    const condition = conditions.get(type);
    return condition?.status === status ? condition : undefined;
  };
  const refused = of('NamesAccepted', 'False');
  if (refused && refused.reason !== 'InstallPending' && refused.reason !== 'NamesPending')
    return byCondition('failed', refused);
  const going = of('Terminating', 'True');
  if (going) return { ...byCondition('progressing', going), reason: 'Terminating' };
  const flaw = of('NonStructuralSchema', 'True') ?? of('KubernetesAPIApprovalPolicyConformant', 'False');
  if (flaw) return byCondition('degraded', flaw);
  const established = conditions.get('Established');
  if (!established) return undefined;
  if (established.status === 'True') return { ...byCondition('ok', established), reason: 'Established' };
  return byCondition('progressing', established);
}
