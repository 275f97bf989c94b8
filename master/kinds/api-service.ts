// APIService of the apiregistration.k8s.io group: how it is found, read and reduced.

import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { cutBundle } from './reduce.ts';

export const apiService = {
  kind: 'APIService',
  group: 'apiregistration.k8s.io',
  versions: ['v1'],
  plural: 'apiservices',
  namespaced: false,
  reduce: reduceApiService,
} as const satisfies Kind;

function reduceApiService(object: KubernetesObject): KubernetesObject {
  cutBundle(object.spec);
  return object;
}
