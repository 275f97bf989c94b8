// Autoscalers that cannot scale, or that conflict.
import {
  autoscalerAtMaximum,
  autoscalerFights,
  autoscalerOverlap,
  autoscalerTargetMissing,
  autoscalerWithoutMetrics,
} from '../../../master/findings/autoscalers.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, condition, deployment, type FindingGraph } from '../../support/finding-graph.ts';

const scaler = (name: string, status: object = {}, spec: object = {}) =>
  an('HorizontalPodAutoscaler', `shop/${name}`, {
    spec: {
      minReplicas: 1,
      maxReplicas: 4,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      ...spec,
    },
    status,
  });

findingCases(autoscalerTargetMissing, [
  { says: 'its target does not exist', objects: [scaler('s')], finds: ['HorizontalPodAutoscaler:shop/s'] },
  { says: 'it does', objects: [scaler('s'), deployment('web')], finds: [] },
]);

const blind = {
  conditions: [condition('ScalingActive', 'False', 'FailedGetResourceMetric', { message: 'no metrics' })],
};

findingCases(
  autoscalerWithoutMetrics,
  [
    {
      says: 'no metrics for five minutes',
      objects: [scaler('s', blind), deployment('web')],
      finds: ['HorizontalPodAutoscaler:shop/s'],
      and: { sentence: /no API v1beta1.metrics.k8s.io is registered/ },
    },
    {
      says: 'scaled to 0 it is off',
      objects: [
        scaler('s', { conditions: [condition('ScalingActive', 'False', 'ScalingDisabled')] }),
        deployment('web'),
      ],
      finds: [],
    },
    {
      says: 'for two minutes',
      objects: [
        scaler('s', {
          conditions: [condition('ScalingActive', 'False', 'FailedGetResourceMetric', { lastTransitionTime: ago(2) })],
        }),
        deployment('web'),
      ],
      finds: [],
    },
  ],
  { alone: true },
);

const limited = { conditions: [condition('ScalingLimited', 'True', 'TooManyReplicas')] };

findingCases(
  autoscalerAtMaximum,
  [
    {
      says: 'it wants more than its maximum',
      objects: [scaler('s', limited), deployment('web')],
      finds: ['HorizontalPodAutoscaler:shop/s'],
    },
    {
      says: 'its minimum is its maximum',
      objects: [scaler('s', limited, { minReplicas: 4 }), deployment('web')],
      finds: [],
    },
  ],
  { alone: true },
);

const vertical = (mode: string, ...containerPolicies: readonly object[]) =>
  an('autoscaling.k8s.io/v1 VerticalPodAutoscaler', 'shop/v', {
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      updatePolicy: { updateMode: mode },
      resourcePolicy: { containerPolicies },
    },
  });

findingCases(autoscalerOverlap, [
  {
    says: 'two of one target',
    objects: [scaler('a'), scaler('b'), deployment('web')],
    finds: ['HorizontalPodAutoscaler:shop/b'],
  },
  {
    says: 'beside a vertical one that changes the same',
    objects: [scaler('a'), vertical('Auto'), deployment('web')],
    finds: ['HorizontalPodAutoscaler:shop/a'],
  },
  {
    says: 'a vertical one of memory alone, beside one by CPU',
    objects: [
      scaler('a'),
      vertical('Auto', { containerName: '*', controlledResources: ['memory'] }),
      deployment('web'),
    ],
    finds: [],
  },
  {
    says: 'a vertical one that leaves the containers alone',
    objects: [scaler('a'), vertical('Auto', { containerName: '*', mode: 'Off' }), deployment('web')],
    finds: [],
  },
  {
    says: 'a vertical one that leaves a sidecar alone, and changes the rest',
    objects: [scaler('a'), vertical('Auto', { containerName: 'proxy', mode: 'Off' }), deployment('web')],
    finds: ['HorizontalPodAutoscaler:shop/a'],
  },
  { says: 'one that only recommends', objects: [scaler('a'), vertical('Off'), deployment('web')], finds: [] },
]);

const swing =
  (...replicas: readonly number[]) =>
  (graph: FindingGraph) => {
    for (const each of replicas) {
      graph.now += 60_000;
      graph.put(deployment('web', {}, { replicas: each }));
      graph.renew();
    }
  };

findingCases(autoscalerFights, [
  {
    says: 'up and down and up and down within the hour',
    objects: [scaler('a'), deployment('web')],
    afterwards: swing(4, 1, 4, 1),
    finds: ['Deployment:shop/web'],
  },
  { says: 'up alone', objects: [scaler('a'), deployment('web')], afterwards: swing(2, 3, 4), finds: [] },
  {
    says: 'every live object has a number: without a change nothing is said',
    objects: [scaler('a'), deployment('web')],
    finds: [],
  },
]);
