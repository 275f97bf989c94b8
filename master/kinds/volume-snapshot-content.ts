// VolumeSnapshotContent of the snapshot.storage.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const volumeSnapshotContent = {
  kind: 'VolumeSnapshotContent',
  group: 'snapshot.storage.k8s.io',
  versions: ['v1'],
  plural: 'volumesnapshotcontents',
  namespaced: false,
  aliases: ['vsc', 'vscs'],
} as const satisfies Kind;
