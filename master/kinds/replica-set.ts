// ReplicaSet of the apps group: how it is found and read.
import type { Kind } from './kind.ts';

export const replicaSet = {
  kind: 'ReplicaSet',
  group: 'apps',
  versions: ['v1'],
  plural: 'replicasets',
  namespaced: true,
  aliases: ['rs'],
} as const satisfies Kind;
