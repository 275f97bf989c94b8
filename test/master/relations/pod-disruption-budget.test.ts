import { podDisruptionBudgetProtects } from '../../../master/relations/pod-disruption-budget.ts';
import { inShop, object, podsSelected, ruleCases } from '../../support/rule-cases.ts';

const budget = (selector: unknown, version = 'v1') =>
  object(`policy/${version}`, 'PodDisruptionBudget', { spec: { selector } });
const selector = {
  matchLabels: { app: 'web' },
  matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['batch'] }],
};

ruleCases(podDisruptionBudgetProtects, [
  {
    says: 'a budget protects the Pods of its namespace that labels and expressions match',
    object: budget(selector),
    refers: podsSelected(selector, 'spec.selector', inShop),
  },
  {
    says: 'an empty selector of policy/v1 selects all',
    object: budget({}),
    refers: podsSelected({}, 'spec.selector', inShop),
  },
  { says: 'an empty selector of policy/v1beta1 selects nothing', object: budget({}, 'v1beta1'), refers: [] },
  { says: 'an absent selector selects nothing', object: budget(undefined), refers: [] },
]);
