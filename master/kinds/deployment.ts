// Deployment of the apps group: how it is found and read.
import type { Kind } from './kind.ts';

export const deployment = {
  kind: 'Deployment',
  group: 'apps',
  versions: ['v1'],
  plural: 'deployments',
  namespaced: true,
  aliases: ['deploy'],
} as const satisfies Kind;
