// StorageClass of the storage.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const storageClass = {
  kind: 'StorageClass',
  group: 'storage.k8s.io',
  versions: ['v1'],
  plural: 'storageclasses',
  namespaced: false,
  aliases: ['sc'],
} as const satisfies Kind;
