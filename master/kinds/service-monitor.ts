// ServiceMonitor of the monitoring.coreos.com group: how it is found and read.
import type { Kind } from './kind.ts';

export const serviceMonitor = {
  kind: 'ServiceMonitor',
  group: 'monitoring.coreos.com',
  versions: ['v1'],
  plural: 'servicemonitors',
  namespaced: true,
  aliases: ['smon'],
} as const satisfies Kind;
