// IngressClass of the networking.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const ingressClass = {
  kind: 'IngressClass',
  group: 'networking.k8s.io',
  versions: ['v1'],
  plural: 'ingressclasses',
  namespaced: false,
} as const satisfies Kind;
