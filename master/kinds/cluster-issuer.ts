// ClusterIssuer of the cert-manager.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const clusterIssuer = {
  kind: 'ClusterIssuer',
  group: 'cert-manager.io',
  versions: ['v1'],
  plural: 'clusterissuers',
  namespaced: false,
} as const satisfies Kind;
