// ResourceClaim of the resource.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const resourceClaim = {
  kind: 'ResourceClaim',
  group: 'resource.k8s.io',
  versions: ['v1', 'v1beta2', 'v1beta1'],
  plural: 'resourceclaims',
  namespaced: true,
} as const satisfies Kind;
