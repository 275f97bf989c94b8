// HTTPRoute of the gateway.networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const httpRoute = {
  kind: 'HTTPRoute',
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1beta1'],
  plural: 'httproutes',
  namespaced: true,
} as const satisfies Kind;
