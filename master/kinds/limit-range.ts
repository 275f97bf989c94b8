// LimitRange of the core group: how it is found and read.
import type { Kind } from './kind.ts';

export const limitRange = {
  kind: 'LimitRange',
  group: '',
  versions: ['v1'],
  plural: 'limitranges',
  namespaced: true,
  aliases: ['limits'],
} as const satisfies Kind;
