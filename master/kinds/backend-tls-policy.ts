// BackendTLSPolicy of the gateway.networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const backendTlsPolicy = {
  kind: 'BackendTLSPolicy',
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1alpha3'],
  plural: 'backendtlspolicies',
  namespaced: true,
  aliases: ['btlspolicy'],
} as const satisfies Kind;
