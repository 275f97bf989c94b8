import { limitRangeLimits, resourceQuotaLimits } from '../../../master/relations/namespace-limits.ts';
import { clusterObject, named, object, ruleCases } from '../../support/rule-cases.ts';

for (const [rule, kind] of [
  [resourceQuotaLimits, 'ResourceQuota'],
  [limitRangeLimits, 'LimitRange'],
] as const) {
  ruleCases(rule, [
    {
      says: `a ${kind} limits its Namespace`,
      object: object('v1', kind),
      refers: [{ target: named('Namespace', 'shop'), field: 'metadata.namespace' }],
    },
    { says: 'one without a namespace limits none', object: clusterObject('v1', kind), refers: [] },
  ]);
}
