// Job of the batch group: how it is found and read.
import type { Kind } from './kind.ts';

export const job = {
  kind: 'Job',
  group: 'batch',
  versions: ['v1'],
  plural: 'jobs',
  namespaced: true,
} as const satisfies Kind;
