// Application of the argoproj.io group: how it is found, read and reduced.

import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { cut } from './reduce.ts';

export const application = {
  kind: 'Application',
  group: 'argoproj.io',
  versions: ['v1alpha1'],
  plural: 'applications',
  namespaced: true,
  aliases: ['app', 'apps'],
  reduce: reduceApplication,
} as const satisfies Kind;

/** The controller updates the time of each comparison every few minutes. */
function reduceApplication(object: KubernetesObject): KubernetesObject {
  cut(object.status, 'reconciledAt');
  cut(object.status, 'observedAt');
  return object;
}
