// StatefulSet of the apps group: how it is found and read.
import type { Kind } from './kind.ts';

export const statefulSet = {
  kind: 'StatefulSet',
  group: 'apps',
  versions: ['v1'],
  plural: 'statefulsets',
  namespaced: true,
  aliases: ['sts'],
} as const satisfies Kind;
