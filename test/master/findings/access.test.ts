// Rights: paths to all rights, grants to everyone, and bindings that grant nothing.
import { describe, expect, test } from 'vitest';
import {
  accessGrown,
  accessToAdmin,
  anonymousGranted,
  bindingRoleMissing,
  bindingSubjectMissing,
  defaultAccountGranted,
  exposedToAdmin,
  roleWildcard,
} from '../../../master/findings/access.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { an, findingGraph, ingress, pod, service, slice } from '../../support/finding-graph.ts';

const role = (name: string, rule: object, metadata: object = {}) =>
  an('ClusterRole', name, { rules: [rule] }, metadata);
const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
const bind = (name: string, roleName: string, subject: object, metadata: object = {}) =>
  an('ClusterRoleBinding', name, { roleRef: { kind: 'ClusterRole', name: roleName }, subjects: [subject] }, metadata);
const account = { kind: 'ServiceAccount', namespace: 'shop', name: 'ci' };
const bootstrap = { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } };

findingCases(accessToAdmin, [
  {
    says: 'an account that may do everything',
    objects: [role('all', everything), bind('b', 'all', account)],
    finds: ['ClusterRoleBinding:b'],
    and: { severity: 'critical' },
  },
  {
    says: 'one that may act as others',
    objects: [
      role('r', { verbs: ['impersonate'], apiGroups: [''], resources: ['users'] }),
      bind('b', 'r', { kind: 'User', name: 'joe' }),
    ],
    finds: ['ClusterRoleBinding:b'],
  },
  {
    says: 'everything of its own group',
    objects: [
      role('own', { verbs: ['*'], apiGroups: ['acme.example.com'], resources: ['*'] }),
      bind('b', 'own', account),
    ],
    finds: [],
  },
  {
    says: 'Secrets by name',
    objects: [
      role('r', { verbs: ['list'], apiGroups: [''], resources: ['secrets'], resourceNames: ['one'] }),
      bind('b', 'r', account),
    ],
    finds: [],
  },
  {
    says: 'everything, within its namespace',
    objects: [
      role('all', everything),
      an('RoleBinding', 'shop/b', { roleRef: { kind: 'ClusterRole', name: 'all' }, subjects: [account] }),
    ],
    finds: [],
  },
  {
    says: 'what the API server sets up itself',
    objects: [role('all', everything, bootstrap), bind('system:b', 'all', account, bootstrap)],
    finds: [],
  },
  {
    says: 'one that makes Pods beside a stronger account',
    objects: [
      role('all', everything),
      bind('strong', 'all', { kind: 'ServiceAccount', namespace: 'ops', name: 'op' }),
      an('ServiceAccount', 'ops/op'),
      an('Role', 'ops/pods', { rules: [{ verbs: ['create'], apiGroups: [''], resources: ['pods'] }] }),
      an('RoleBinding', 'ops/maker', {
        roleRef: { kind: 'Role', name: 'pods' },
        subjects: [{ kind: 'User', name: 'ann' }],
      }),
    ],
    finds: ['ClusterRoleBinding:strong', 'RoleBinding:ops/maker'],
  },
]);

const admins = [role('all', everything), an('ServiceAccount', 'shop/ci')];

findingCases(accessGrown, [
  {
    says: 'a way that was not there at the start',
    objects: admins,
    afterwards: (graph) => {
      graph.now += 120_000;
      graph.put(bind('b', 'all', account));
    },
    finds: ['ClusterRoleBinding:b'],
    and: { sentence: /^New: / },
  },
  { says: 'one that was', objects: [...admins, bind('b', 'all', account)], finds: [] },
  { says: 'of a moment nobody can tell', objects: [...admins, bind('b', 'all', account)], watched: false, finds: [] },
]);

const served = [
  ...admins,
  bind('b', 'all', account),
  service('cart'),
  slice('cart', { a: true }),
  ingress('i', 'a.example', 'cart'),
];

findingCases(exposedToAdmin, [
  {
    says: 'a host leads to the token of an admin',
    objects: [...served, pod('a', { serviceAccountName: 'ci' })],
    finds: ['Pod:shop/a'],
    and: { sentence: /from a.example/ },
  },
  {
    says: 'its token is not mounted',
    objects: [...served, pod('a', { serviceAccountName: 'ci', automountServiceAccountToken: false })],
    finds: [],
  },
]);

const view = role('view', { verbs: ['get'], apiGroups: [''], resources: ['pods'] });

findingCases(
  defaultAccountGranted,
  [
    {
      says: 'a role of the default account',
      objects: [view, bind('b', 'view', { kind: 'ServiceAccount', namespace: 'shop', name: 'default' })],
      finds: ['ClusterRoleBinding:b'],
    },
    {
      says: 'a role of all accounts',
      objects: [view, bind('b', 'view', { kind: 'Group', name: 'system:serviceaccounts' })],
      finds: ['ClusterRoleBinding:b'],
    },
    {
      says: 'discovery',
      objects: [bind('b', 'system:discovery', { kind: 'Group', name: 'system:authenticated' })],
      finds: [],
    },
    { says: 'an account of its own', objects: [view, bind('b', 'view', account)], finds: [] },
  ],
  { alone: true },
);

findingCases(
  anonymousGranted,
  [
    {
      says: 'everybody',
      objects: [view, bind('b', 'view', { kind: 'Group', name: 'system:unauthenticated' })],
      finds: ['ClusterRoleBinding:b'],
    },
    {
      says: 'what the API server sets up itself',
      objects: [view, bind('b', 'view', { kind: 'Group', name: 'system:unauthenticated' }, bootstrap)],
      finds: [],
    },
    {
      says: 'how to join, which is public',
      objects: [
        an('RoleBinding', 'kube-public/b', {
          roleRef: { kind: 'Role', name: 'r' },
          subjects: [{ kind: 'User', name: 'system:anonymous' }],
        }),
      ],
      finds: [],
    },
  ],
  { alone: true },
);

findingCases(roleWildcard, [
  {
    says: 'everything, and it is granted',
    objects: [role('all', everything), bind('b', 'all', account)],
    finds: ['ClusterRole:all'],
  },
  { says: 'nobody was granted it', objects: [role('all', everything)], finds: [] },
  {
    says: 'everything of its own group',
    objects: [
      role('own', { verbs: ['*'], apiGroups: ['acme.example.com'], resources: ['*'] }),
      bind('b', 'own', account),
    ],
    finds: [],
  },
]);

findingCases(bindingRoleMissing, [
  { says: 'the role does not exist', objects: [bind('b', 'gone', account)], finds: ['ClusterRoleBinding:b'] },
  { says: 'it does', objects: [view, bind('b', 'view', account)], finds: [] },
  { says: 'roles that cannot be read', objects: [bind('b', 'gone', account)], unknown: ['ClusterRole'], finds: [] },
]);

findingCases(bindingSubjectMissing, [
  {
    says: 'its account does not exist, nor its namespace',
    objects: [view, bind('b', 'view', account)],
    finds: ['ClusterRoleBinding:b'],
    and: { severity: 'medium' },
  },
  {
    says: 'its account does not exist',
    objects: [view, bind('b', 'view', account), an('Namespace', 'shop')],
    finds: ['ClusterRoleBinding:b'],
    and: { severity: 'low' },
  },
  {
    says: 'a user besides',
    objects: [
      view,
      an('ClusterRoleBinding', 'b', {
        roleRef: { kind: 'ClusterRole', name: 'view' },
        subjects: [account, { kind: 'User', name: 'joe' }],
      }),
    ],
    finds: [],
  },
  {
    says: 'what the API server sets up itself',
    objects: [view, bind('system:b', 'view', account, bootstrap)],
    finds: [],
  },
]);

describe('files that hold bindings, and not the roles of the API server', () => {
  const binding = bind('b', 'cluster-admin', account);

  test('cluster-admin is known by its name, and what else there may be is said', () => {
    const { findings, found } = findingGraph([binding], { rules: [accessToAdmin], unknown: 'all others' });
    expect(found().map(({ resource, sentence }) => [resource, sentence])).toEqual([
      ['ClusterRoleBinding:b', expect.stringMatching(/shop\/ci may do everything/)],
    ]);
    expect([...findings.undecided()]).toMatchObject([{ name: 'access-to-admin' }]);
  });

  test('where ClusterRoles are known, one that is missing grants nothing', () => {
    expect(findingGraph([binding], { rules: [accessToAdmin] }).found()).toEqual([]);
  });

  test('a role of that name in the files is taken at its word', () => {
    const weak = role('cluster-admin', { verbs: ['get'], apiGroups: [''], resources: ['pods'] });
    expect(findingGraph([binding, weak], { rules: [accessToAdmin], unknown: ['Role', 'RoleBinding'] }).found()).toEqual(
      [],
    );
  });

  test('nothing is found while a kind is still being read', () => {
    const graph = findingGraph([binding], { rules: [accessToAdmin], unknown: ['Role'] });
    graph.state('Role', 'syncing');
    graph.now += 120_000;
    graph.put(bind('b2', 'cluster-admin', account));
    graph.renew();
    expect(graph.found().map(({ resource }) => resource)).not.toContain('ClusterRoleBinding:b2');
  });
});
