// ReferenceGrant of the gateway.networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const referenceGrant = {
  kind: 'ReferenceGrant',
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1beta1'],
  plural: 'referencegrants',
  namespaced: true,
  aliases: ['refgrant'],
} as const satisfies Kind;
