// TLSRoute of the gateway.networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const tlsRoute = {
  kind: 'TLSRoute',
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1alpha3', 'v1alpha2'],
  plural: 'tlsroutes',
  namespaced: true,
} as const satisfies Kind;
