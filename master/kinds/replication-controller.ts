// ReplicationController of the core group: how it is found and read.
import type { Kind } from './kind.ts';

export const replicationController = {
  kind: 'ReplicationController',
  group: '',
  versions: ['v1'],
  plural: 'replicationcontrollers',
  namespaced: true,
  aliases: ['rc', 'rcontroller', 'rcontrollers'],
} as const satisfies Kind;
