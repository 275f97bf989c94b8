// Service of the core group: how it is found and read.
import type { Kind } from './kind.ts';

export const service = {
  kind: 'Service',
  group: '',
  versions: ['v1'],
  plural: 'services',
  namespaced: true,
  aliases: ['svc'],
} as const satisfies Kind;
