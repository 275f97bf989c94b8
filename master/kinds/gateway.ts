// Gateway of the gateway.networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const gateway = {
  kind: 'Gateway',
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1beta1'],
  plural: 'gateways',
  namespaced: true,
  aliases: ['gtw'],
} as const satisfies Kind;
