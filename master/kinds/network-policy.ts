// NetworkPolicy of the networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const networkPolicy = {
  kind: 'NetworkPolicy',
  group: 'networking.k8s.io',
  versions: ['v1'],
  plural: 'networkpolicies',
  namespaced: true,
  aliases: ['netpol'],
} as const satisfies Kind;
