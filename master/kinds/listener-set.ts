// ListenerSet of the gateway.networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const listenerSet = {
  kind: 'ListenerSet',
  group: 'gateway.networking.k8s.io',
  versions: ['v1'],
  plural: 'listenersets',
  namespaced: true,
  aliases: ['lset'],
} as const satisfies Kind;
