// ClusterRole of the rbac.authorization.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const clusterRole = {
  kind: 'ClusterRole',
  group: 'rbac.authorization.k8s.io',
  versions: ['v1'],
  plural: 'clusterroles',
  namespaced: false,
} as const satisfies Kind;
