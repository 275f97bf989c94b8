// GatewayClass of the gateway.networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const gatewayClass = {
  kind: 'GatewayClass',
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1beta1'],
  plural: 'gatewayclasses',
  namespaced: false,
  aliases: ['gc'],
} as const satisfies Kind;
