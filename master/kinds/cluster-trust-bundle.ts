// ClusterTrustBundle of the certificates.k8s.io group: how it is found, read and reduced.

import type { KubernetesObject } from '../../src/model.ts';
import type { Kind } from './kind.ts';
import { cutToSize } from './reduce.ts';

export const clusterTrustBundle = {
  kind: 'ClusterTrustBundle',
  group: 'certificates.k8s.io',
  versions: ['v1', 'v1beta1', 'v1alpha1'],
  plural: 'clustertrustbundles',
  namespaced: false,
  reduce: reduceClusterTrustBundle,
} as const satisfies Kind;

function reduceClusterTrustBundle(object: KubernetesObject): KubernetesObject {
  cutToSize(object.spec, 'trustBundle');
  return object;
}
