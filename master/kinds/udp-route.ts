// UDPRoute of the gateway.networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const udpRoute = {
  kind: 'UDPRoute',
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1alpha2'],
  plural: 'udproutes',
  namespaced: true,
} as const satisfies Kind;
