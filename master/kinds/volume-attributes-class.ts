// VolumeAttributesClass of the storage.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const volumeAttributesClass = {
  kind: 'VolumeAttributesClass',
  group: 'storage.k8s.io',
  versions: ['v1', 'v1beta1'],
  plural: 'volumeattributesclasses',
  namespaced: false,
  aliases: ['vac'],
} as const satisfies Kind;
