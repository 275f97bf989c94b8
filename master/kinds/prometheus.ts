// Prometheus of the monitoring.coreos.com group: how it is found and read.
import type { Kind } from './kind.ts';

export const prometheus = {
  kind: 'Prometheus',
  group: 'monitoring.coreos.com',
  versions: ['v1'],
  plural: 'prometheuses',
  namespaced: true,
  aliases: ['prom'],
} as const satisfies Kind;
