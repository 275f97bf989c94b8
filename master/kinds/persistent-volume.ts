// PersistentVolume of the core group: how it is found and read.
import type { Kind } from './kind.ts';

export const persistentVolume = {
  kind: 'PersistentVolume',
  group: '',
  versions: ['v1'],
  plural: 'persistentvolumes',
  namespaced: false,
  aliases: ['pv'],
} as const satisfies Kind;
