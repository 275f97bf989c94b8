// ResourceQuota of the core group: how it is found and read.
import type { Kind } from './kind.ts';

export const resourceQuota = {
  kind: 'ResourceQuota',
  group: '',
  versions: ['v1'],
  plural: 'resourcequotas',
  namespaced: true,
  aliases: ['quota'],
} as const satisfies Kind;
