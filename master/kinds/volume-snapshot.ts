// VolumeSnapshot of the snapshot.storage.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const volumeSnapshot = {
  kind: 'VolumeSnapshot',
  group: 'snapshot.storage.k8s.io',
  versions: ['v1'],
  plural: 'volumesnapshots',
  namespaced: true,
  aliases: ['vs'],
} as const satisfies Kind;
