// CronJob of the batch group: how it is found and read.
import type { Kind } from './kind.ts';

export const cronJob = {
  kind: 'CronJob',
  group: 'batch',
  versions: ['v1'],
  plural: 'cronjobs',
  namespaced: true,
  aliases: ['cj'],
} as const satisfies Kind;
