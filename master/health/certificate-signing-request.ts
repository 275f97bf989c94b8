// Health of a CertificateSigningRequest, in the words of `kubectl get csr`.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { conditionsOf, health, statusOf } from './read.ts';

export const certificateSigningRequest = {
  types: ['CertificateSigningRequest'],
  fields: ['status.conditions[]', 'status.certificate'],
  sentence:
    'Done when it was approved and issued; progressing until then; failed when it was denied or the signer failed.',
  of: requestHealth,
} as const satisfies HealthRule;

function requestHealth(object: KubernetesObject): Health {
  const conditions = conditionsOf(object);
  for (const type of ['Denied', 'Failed']) {
    const condition = conditions.get(type);
    if (condition) return health('failed', type, condition.field);
  }
  const approved = conditions.get('Approved');
  if (!approved) return health('progressing', 'Pending', 'status.conditions');
  if (statusOf(object)['certificate']) return health('done', 'Approved,Issued', 'status.certificate');
  return health('progressing', 'Approved', approved.field);
}
