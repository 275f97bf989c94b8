// Alertmanager of the monitoring.coreos.com group: how it is found and read.
import type { Kind } from './kind.ts';

export const alertmanager = {
  kind: 'Alertmanager',
  group: 'monitoring.coreos.com',
  versions: ['v1'],
  plural: 'alertmanagers',
  namespaced: true,
  aliases: ['am'],
} as const satisfies Kind;
