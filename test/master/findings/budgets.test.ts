// Budgets that protect nothing, or allow nothing.
import {
  budgetBlocksEviction,
  budgetMissing,
  budgetOverAutoscalerMinimum,
  budgetSelectsNothing,
  budgetTwice,
} from '../../../master/findings/budgets.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { an, deployment, owner, pod, service } from '../../support/finding-graph.ts';

const budget = (name: string, spec: object = {}, status: object = {}) =>
  an('PodDisruptionBudget', `shop/${name}`, {
    spec: { selector: { matchLabels: { app: 'web' } }, minAvailable: 1, ...spec },
    status,
  });

findingCases(budgetSelectsNothing, [
  { says: 'its selector matches nothing', objects: [budget('b')], finds: ['PodDisruptionBudget:shop/b'] },
  { says: 'a template counts', objects: [budget('b'), deployment('web', {}, { replicas: 0 })], finds: [] },
]);

const healthy = { disruptionsAllowed: 0, currentHealthy: 2, expectedPods: 2 };

findingCases(budgetBlocksEviction, [
  {
    says: 'it keeps all of them',
    objects: [budget('b', { minAvailable: 2 }, healthy), pod('a'), pod('b')],
    finds: ['PodDisruptionBudget:shop/b'],
    and: { sentence: /keeps 2 of 2/, field: 'spec.minAvailable' },
  },
  {
    says: 'a percentage that rounds up to all',
    objects: [budget('b', { minAvailable: '90%' }, healthy), pod('a'), pod('b')],
    finds: ['PodDisruptionBudget:shop/b'],
  },
  {
    says: 'its maxUnavailable is 0, before there are Pods',
    objects: [
      an('PodDisruptionBudget', 'shop/b', { spec: { maxUnavailable: 0, selector: { matchLabels: { app: 'web' } } } }),
      deployment('web'),
    ],
    finds: ['PodDisruptionBudget:shop/b'],
    and: { field: 'spec.maxUnavailable' },
  },
  {
    says: 'the same for a workload that wants none',
    objects: [
      an('PodDisruptionBudget', 'shop/b', { spec: { maxUnavailable: 0, selector: { matchLabels: { app: 'web' } } } }),
      deployment('web', {}, { replicas: 0 }),
    ],
    finds: [],
  },
  {
    says: 'its maxUnavailable is 0',
    objects: [budget('b', { minAvailable: undefined, maxUnavailable: 0 }, healthy), pod('a'), pod('b')],
    finds: ['PodDisruptionBudget:shop/b'],
    and: { field: 'spec.maxUnavailable' },
  },
  {
    says: 'one of them is not healthy: that is another finding',
    objects: [
      budget('b', { minAvailable: 2 }, { ...healthy, currentHealthy: 1 }),
      pod('a'),
      pod('b', {}, { ready: false }),
    ],
    finds: [],
  },
  {
    says: 'it allows one',
    objects: [budget('b', {}, { ...healthy, disruptionsAllowed: 1 }), pod('a'), pod('b')],
    finds: [],
  },
]);

findingCases(budgetTwice, [
  {
    says: 'two budgets of one Pod',
    objects: [budget('a'), budget('b'), pod('a')],
    finds: ['PodDisruptionBudget:shop/b'],
  },
  {
    says: 'two of a template are two of nothing that runs',
    objects: [budget('a'), budget('b'), deployment('web')],
    finds: [],
  },
]);

const scaler = (min: number) =>
  an('HorizontalPodAutoscaler', 'shop/web', {
    spec: {
      minReplicas: min,
      maxReplicas: 9,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    },
  });
const scaled = [
  deployment('web'),
  an('ReplicaSet', 'shop/web-1', {}, owner('Deployment', 'shop/web')),
  pod('a', {}, {}, { ...owner('ReplicaSet', 'shop/web-1'), labels: { app: 'web' } }),
];

findingCases(budgetOverAutoscalerMinimum, [
  {
    says: 'at the minimum nothing may go',
    objects: [budget('b', { minAvailable: 3 }), scaler(3), ...scaled],
    finds: ['PodDisruptionBudget:shop/b'],
  },
  { says: 'one may', objects: [budget('b', { minAvailable: 2 }), scaler(3), ...scaled], finds: [] },
  {
    says: 'the Pods of another workload remain',
    objects: [budget('b', { minAvailable: 3 }), scaler(1), ...scaled, deployment('more', {}, { replicas: 5 })],
    finds: [],
  },
  {
    says: 'a Pod of its own remains too',
    objects: [budget('b', { minAvailable: 1 }), scaler(1), ...scaled, pod('lone')],
    finds: [],
  },
  {
    says: 'all of them are all of each',
    objects: [budget('b', { minAvailable: '100%' }), scaler(2), ...scaled, deployment('more', {}, { replicas: 5 })],
    finds: ['PodDisruptionBudget:shop/b'],
    and: { sentence: /requires 100% of its Pods to be available, and .* may scale down to 2$/ },
  },
  {
    says: 'a minimum of 0 is a scale of 1 before it',
    objects: [budget('b', { minAvailable: 1 }), scaler(0), ...scaled],
    finds: ['PodDisruptionBudget:shop/b'],
    and: { sentence: /requires 1 available Pod, and .* may scale down to 1$/ },
  },
  {
    says: 'a minimum of 0 for both',
    objects: [budget('b', { minAvailable: 0 }), scaler(0), ...scaled],
    finds: [],
  },
  {
    says: 'a percentage that leaves one',
    objects: [budget('b', { minAvailable: '50%' }), scaler(3), ...scaled],
    finds: [],
  },
]);

findingCases(budgetMissing, [
  {
    says: 'two replicas behind a Service and no budget',
    objects: [deployment('web', {}, { replicas: 2 }), service('cart')],
    finds: ['Deployment:shop/web'],
  },
  { says: 'with one', objects: [deployment('web', {}, { replicas: 2 }), service('cart'), budget('b')], finds: [] },
  { says: 'one replica', objects: [deployment('web'), service('cart')], finds: [] },
  {
    says: 'budgets that cannot be read',
    objects: [deployment('web', {}, { replicas: 2 }), service('cart')],
    unknown: ['PodDisruptionBudget'],
    finds: [],
  },
]);
