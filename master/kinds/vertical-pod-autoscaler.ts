// VerticalPodAutoscaler of the autoscaling.k8s.io group: how it is found, read and reduced.

import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { cut } from './reduce.ts';

export const verticalPodAutoscaler = {
  kind: 'VerticalPodAutoscaler',
  group: 'autoscaling.k8s.io',
  versions: ['v1', 'v1beta2'],
  plural: 'verticalpodautoscalers',
  namespaced: true,
  aliases: ['vpa'],
  reduce: reduceVerticalPodAutoscaler,
} as const satisfies Kind;

/** Recommendations change every minute and are no change of the object. */
function reduceVerticalPodAutoscaler(object: KubernetesObject): KubernetesObject {
  cut(object.status, 'recommendation');
  return object;
}
