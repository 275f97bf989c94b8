import {
  bindingGrants,
  bindingGrantsToAccount,
  bindingGrantsToAccountGroup,
  bindingGrantsToGroup,
  bindingGrantsToUser,
} from '../../../master/relations/role-bindings.ts';
import { clusterObject, named, object, ruleCases } from '../../support/rule-cases.ts';

const group = 'rbac.authorization.k8s.io';
const binding = (fields: object) => object(`${group}/v1`, 'RoleBinding', fields);
const clusterBinding = (fields: object) => clusterObject(`${group}/v1`, 'ClusterRoleBinding', fields);
const subjects = (...list: object[]) => ({ roleRef: {}, subjects: list });
const role = (kind: string) => ({ roleRef: { apiGroup: group, kind, name: 'edit' } });
const within = { within: 'shop' };

ruleCases(bindingGrants, [
  {
    says: 'a RoleBinding grants the Role of its namespace',
    object: binding(role('Role')),
    refers: [{ target: named('Role', 'edit', 'shop'), field: 'roleRef', notes: within }],
  },
  {
    says: 'a RoleBinding grants the ClusterRole that has the name of a Role, within its namespace',
    object: binding(role('ClusterRole')),
    refers: [{ target: named('ClusterRole', 'edit'), field: 'roleRef', notes: within }],
  },
  {
    says: 'a ClusterRoleBinding grants a ClusterRole everywhere',
    object: clusterBinding(role('ClusterRole')),
    refers: [{ target: named('ClusterRole', 'edit'), field: 'roleRef' }],
  },
  { says: 'a ClusterRoleBinding cannot grant a Role', object: clusterBinding(role('Role')), refers: [] },
]);

ruleCases(bindingGrantsToAccount, [
  {
    says: 'a RoleBinding grants to an account of another namespace, within its own',
    object: binding(subjects({ kind: 'ServiceAccount', name: 'ci', namespace: 'build' })),
    refers: [{ target: named('ServiceAccount', 'ci', 'build'), field: 'subjects[0]', notes: within }],
  },
  {
    says: 'an account that is named as a user is that account',
    object: clusterBinding(subjects({ kind: 'User', name: 'system:serviceaccount:build:ci' })),
    refers: [{ target: named('ServiceAccount', 'ci', 'build'), field: 'subjects[0]' }],
  },
  {
    says: 'an account of a binding that the API server makes may well not be there',
    object: clusterObject(
      `${group}/v1`,
      'ClusterRoleBinding',
      subjects({ kind: 'ServiceAccount', name: 'kube-dns', namespace: 'kube-system' }),
      { name: 'system:kube-dns', labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
    ),
    refers: [{ target: named('ServiceAccount', 'kube-dns', 'kube-system'), field: 'subjects[0]', absence: 'expected' }],
  },
  { says: 'users are another rule’s', object: clusterBinding(subjects({ kind: 'User', name: 'ada' })), refers: [] },
  { says: 'a binding without subjects grants to nobody', object: clusterBinding({ subjects: null }), refers: [] },
]);

ruleCases(bindingGrantsToUser, [
  {
    says: 'a binding grants to users',
    object: clusterBinding(
      subjects({ kind: 'ServiceAccount', name: 'x', namespace: 'y' }, { kind: 'User', name: 'system:kube-proxy' }),
    ),
    refers: [{ target: named('User', 'system:kube-proxy'), field: 'subjects[1]' }],
  },
  {
    says: 'an account that is named as a user is no user',
    object: clusterBinding(subjects({ kind: 'User', name: 'system:serviceaccount:build:ci' })),
    refers: [],
  },
]);

ruleCases(bindingGrantsToGroup, [
  {
    says: 'a binding grants to groups, those of accounts included',
    object: clusterBinding(
      subjects({ kind: 'Group', name: 'system:masters' }, { kind: 'Group', name: 'system:serviceaccounts' }),
    ),
    refers: [
      { target: named('Group', 'system:masters'), field: 'subjects[0]' },
      { target: named('Group', 'system:serviceaccounts'), field: 'subjects[1]' },
    ],
  },
  { says: 'a user is not a group', object: clusterBinding(subjects({ kind: 'User', name: 'ada' })), refers: [] },
]);

ruleCases(bindingGrantsToAccountGroup, [
  {
    says: 'the group of all accounts is every account',
    object: clusterBinding(subjects({ kind: 'Group', name: 'system:serviceaccounts' })),
    refers: [{ target: { by: 'kind', type: 'ServiceAccount', namespaces: { all: true } }, field: 'subjects[0]' }],
  },
  {
    says: 'the group of a namespace’s accounts is those, and a RoleBinding’s grant ends at its own namespace',
    object: binding(subjects({ kind: 'Group', name: 'system:serviceaccounts:build' })),
    refers: [
      {
        target: { by: 'kind', type: 'ServiceAccount', namespaces: { in: ['build'] } },
        field: 'subjects[0]',
        notes: within,
      },
    ],
  },
  {
    says: 'other groups are no accounts',
    object: clusterBinding(
      subjects({ kind: 'Group', name: 'system:serviceaccountsx' }, { kind: 'User', name: 'system:serviceaccounts' }),
    ),
    refers: [],
  },
]);
