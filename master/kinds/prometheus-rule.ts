// PrometheusRule of the monitoring.coreos.com group: how it is found and read.
import type { Kind } from './kind.ts';

export const prometheusRule = {
  kind: 'PrometheusRule',
  group: 'monitoring.coreos.com',
  versions: ['v1'],
  plural: 'prometheusrules',
  namespaced: true,
  aliases: ['promrule'],
} as const satisfies Kind;
