// HorizontalPodAutoscaler of the autoscaling group: how it is found, read and reduced.

import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { cut } from './reduce.ts';

export const horizontalPodAutoscaler = {
  kind: 'HorizontalPodAutoscaler',
  group: 'autoscaling',
  versions: ['v2'],
  plural: 'horizontalpodautoscalers',
  namespaced: true,
  aliases: ['hpa'],
  reduce: reduceHorizontalPodAutoscaler,
} as const satisfies Kind;

/** Measured values change every fifteen seconds and are no change of the object. */
function reduceHorizontalPodAutoscaler(object: KubernetesObject): KubernetesObject {
  cut(object.status, 'currentMetrics');
  cut(object.metadata.annotations, 'autoscaling.alpha.kubernetes.io/current-metrics');
  return object;
}
