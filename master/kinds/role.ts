// Role of the rbac.authorization.k8s.io group: how it is found and read.
import type { Kind } from './kind.ts';

export const role = {
  kind: 'Role',
  group: 'rbac.authorization.k8s.io',
  versions: ['v1'],
  plural: 'roles',
  namespaced: true,
} as const satisfies Kind;
