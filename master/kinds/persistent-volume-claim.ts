// PersistentVolumeClaim of the core group: how it is found and read.
import type { Kind } from './kind.ts';

export const persistentVolumeClaim = {
  kind: 'PersistentVolumeClaim',
  group: '',
  versions: ['v1'],
  plural: 'persistentvolumeclaims',
  namespaced: true,
  aliases: ['pvc'],
} as const satisfies Kind;
