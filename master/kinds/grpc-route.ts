// GRPCRoute of the gateway.networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const grpcRoute = {
  kind: 'GRPCRoute',
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1alpha2'],
  plural: 'grpcroutes',
  namespaced: true,
} as const satisfies Kind;
