// DaemonSet of the apps group: how it is found and read.
import type { Kind } from './kind.ts';

export const daemonSet = {
  kind: 'DaemonSet',
  group: 'apps',
  versions: ['v1'],
  plural: 'daemonsets',
  namespaced: true,
  aliases: ['ds'],
} as const satisfies Kind;
