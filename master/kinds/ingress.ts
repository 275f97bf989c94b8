// Ingress of the networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const ingress = {
  kind: 'Ingress',
  group: 'networking.k8s.io',
  versions: ['v1'],
  plural: 'ingresses',
  namespaced: true,
  aliases: ['ing'],
} as const satisfies Kind;
