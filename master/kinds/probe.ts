// Probe of the monitoring.coreos.com group: how it is found and read.
import type { Kind } from './kind.ts';

export const probe = {
  kind: 'Probe',
  group: 'monitoring.coreos.com',
  versions: ['v1'],
  plural: 'probes',
  namespaced: true,
  aliases: ['prb'],
} as const satisfies Kind;
