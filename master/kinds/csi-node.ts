// CSINode of the storage.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const csiNode = {
  kind: 'CSINode',
  group: 'storage.k8s.io',
  versions: ['v1'],
  plural: 'csinodes',
  namespaced: false,
} as const satisfies Kind;
