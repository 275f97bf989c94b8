// RuntimeClass of the node.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const runtimeClass = {
  kind: 'RuntimeClass',
  group: 'node.k8s.io',
  versions: ['v1'],
  plural: 'runtimeclasses',
  namespaced: false,
} as const satisfies Kind;
