// Namespace of the core group: how it is found and read.
import type { Kind } from './kind.ts';

export const namespace = {
  kind: 'Namespace',
  group: '',
  versions: ['v1'],
  plural: 'namespaces',
  namespaced: false,
  aliases: ['ns'],
} as const satisfies Kind;
