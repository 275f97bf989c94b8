// ServiceCIDR of the networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const serviceCidr = {
  kind: 'ServiceCIDR',
  group: 'networking.k8s.io',
  versions: ['v1', 'v1beta1'],
  plural: 'servicecidrs',
  namespaced: false,
} as const satisfies Kind;
