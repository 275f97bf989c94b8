// ClusterRoleBinding of the rbac.authorization.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const clusterRoleBinding = {
  kind: 'ClusterRoleBinding',
  group: 'rbac.authorization.k8s.io',
  versions: ['v1'],
  plural: 'clusterrolebindings',
  namespaced: false,
} as const satisfies Kind;
