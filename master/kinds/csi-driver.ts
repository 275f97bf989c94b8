// CSIDriver of the storage.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const csiDriver = {
  kind: 'CSIDriver',
  group: 'storage.k8s.io',
  versions: ['v1'],
  plural: 'csidrivers',
  namespaced: false,
} as const satisfies Kind;
