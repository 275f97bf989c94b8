// The Namespace that a ResourceQuota or a LimitRange limits.
import { isName } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';

function limits(object: KubernetesObject, refer: (reference: Reference) => void): void {
  const name = object.metadata.namespace;
  if (isName(name)) refer({ target: { by: 'name', type: 'Namespace', name }, field: 'metadata.namespace' });
}

export const resourceQuotaLimits = {
  name: 'resource-quota-limits',
  relation: 'limits',
  reads: ['ResourceQuota'],
  source: ['ResourceQuota'],
  target: ['Namespace'],
  fields: ['metadata.namespace'],
  dependence: 'none',
  sentence: 'A ResourceQuota limits its Namespace as a whole.',
  infer: limits,
} as const satisfies Rule;

export const limitRangeLimits = {
  name: 'limit-range-limits',
  relation: 'limits',
  reads: ['LimitRange'],
  source: ['LimitRange'],
  target: ['Namespace'],
  fields: ['metadata.namespace'],
  dependence: 'none',
  sentence: 'A LimitRange limits each object in its Namespace.',
  infer: limits,
} as const satisfies Rule;
