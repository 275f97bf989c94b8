// CSIStorageCapacity of the storage.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const csiStorageCapacity = {
  kind: 'CSIStorageCapacity',
  group: 'storage.k8s.io',
  versions: ['v1'],
  plural: 'csistoragecapacities',
  namespaced: true,
} as const satisfies Kind;
