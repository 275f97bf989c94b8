// VolumeSnapshotClass of the snapshot.storage.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const volumeSnapshotClass = {
  kind: 'VolumeSnapshotClass',
  group: 'snapshot.storage.k8s.io',
  versions: ['v1'],
  plural: 'volumesnapshotclasses',
  namespaced: false,
  aliases: ['vsclass', 'vsclasses'],
} as const satisfies Kind;
