// ServiceAccount of the core group: how it is found and read.
import type { Kind } from './kind.ts';

export const serviceAccount = {
  kind: 'ServiceAccount',
  group: '',
  versions: ['v1'],
  plural: 'serviceaccounts',
  namespaced: true,
  aliases: ['sa'],
} as const satisfies Kind;
