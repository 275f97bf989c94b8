// The ClusterRoles that an aggregated ClusterRole combines.
import { isRecord, itemsOf } from '../../src/fields.ts';
import type { LabelSelector } from '../../src/model.ts';
import type { Rule } from './relation.ts';

export const clusterRoleAggregates = {
  name: 'cluster-role-aggregates',
  relation: 'aggregates',
  reads: ['ClusterRole'],
  source: ['ClusterRole'],
  target: ['ClusterRole'],
  fields: ['aggregationRule.clusterRoleSelectors[]'],
  dependence: 'source',
  sentence: 'A ClusterRole aggregates the ClusterRoles that one of its selectors matches.',
  infer(object, refer) {
    const { aggregationRule } = object as { aggregationRule?: Aggregation | null };
    const selectors = itemsOf(aggregationRule?.clusterRoleSelectors);
    for (let i = 0; i < selectors.length; i++) {
      const selector = selectors[i];
      if (!isRecord(selector)) continue;
      const target = { by: 'labels', type: 'ClusterRole', namespaces: { all: true }, selector } as const;
      refer({ target, field: `aggregationRule.clusterRoleSelectors[${i}]` });
    }
  },
} as const satisfies Rule;

interface Aggregation {
  readonly clusterRoleSelectors?: readonly LabelSelector[];
}
