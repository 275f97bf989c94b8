// PodMonitor of the monitoring.coreos.com group: how it is found and read.
import type { Kind } from './kind.ts';

export const podMonitor = {
  kind: 'PodMonitor',
  group: 'monitoring.coreos.com',
  versions: ['v1'],
  plural: 'podmonitors',
  namespaced: true,
  aliases: ['pmon'],
} as const satisfies Kind;
