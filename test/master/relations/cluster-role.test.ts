import { clusterRoleAggregates } from '../../../master/relations/cluster-role.ts';
import { clusterObject, labelled, ruleCases } from '../../support/rule-cases.ts';

const role = (fields: object) => clusterObject('rbac.authorization.k8s.io/v1', 'ClusterRole', fields);
const toEdit = { matchLabels: { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' } };
const toView = { matchExpressions: [{ key: 'view', operator: 'Exists' }] };

ruleCases(clusterRoleAggregates, [
  {
    says: 'a ClusterRole aggregates those that any of its selectors matches',
    object: role({ aggregationRule: { clusterRoleSelectors: [toEdit, toView] } }),
    refers: [
      { target: labelled('ClusterRole', toEdit), field: 'aggregationRule.clusterRoleSelectors[0]' },
      { target: labelled('ClusterRole', toView), field: 'aggregationRule.clusterRoleSelectors[1]' },
    ],
  },
  { says: 'a ClusterRole of rules aggregates none', object: role({ rules: [] }), refers: [] },
]);
