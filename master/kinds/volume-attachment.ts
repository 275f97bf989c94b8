// VolumeAttachment of the storage.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const volumeAttachment = {
  kind: 'VolumeAttachment',
  group: 'storage.k8s.io',
  versions: ['v1'],
  plural: 'volumeattachments',
  namespaced: false,
} as const satisfies Kind;
