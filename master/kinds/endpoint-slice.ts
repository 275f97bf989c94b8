// EndpointSlice of the discovery.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const endpointSlice = {
  kind: 'EndpointSlice',
  group: 'discovery.k8s.io',
  versions: ['v1'],
  plural: 'endpointslices',
  namespaced: true,
} as const satisfies Kind;
