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

const rbacRule = (verb: string, resource: string) => ({
  verbs: [verb],
  apiGroups: ['rbac.authorization.k8s.io'],
  resources: [resource],
});
const certificates = (verb: string, resource: string) => ({
  verbs: [verb],
  apiGroups: ['certificates.k8s.io'],
  resources: [resource],
});
/** A further role of the same account. */
const another = (name: string, rule: object) => [role(name, rule), bind(`b of ${name}`, name, account)];

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
  {
    says: 'bind, without a right to write bindings',
    objects: [role('r', rbacRule('bind', 'clusterroles')), bind('b', 'r', account)],
    finds: [],
  },
  {
    says: 'bind, and reading bindings',
    objects: [
      role('r', rbacRule('bind', 'clusterroles')),
      ...another('r2', rbacRule('get', '*')),
      bind('b', 'r', account),
    ],
    finds: [],
  },
  {
    says: 'bind, and writing bindings by another binding',
    objects: [
      role('r', rbacRule('bind', 'clusterroles')),
      ...another('r2', rbacRule('patch', 'rolebindings')),
      bind('b', 'r', account),
    ],
    finds: ['ClusterRoleBinding:b'],
    and: { sentence: /may bind any role, .* together with ClusterRole r2 of ClusterRoleBinding b of r2$/ },
  },
  {
    says: 'bind, and writing bindings of another account',
    objects: [
      role('r', rbacRule('bind', 'clusterroles')),
      role('r2', rbacRule('create', 'clusterrolebindings')),
      bind('b', 'r', account),
      bind('b2', 'r2', { kind: 'User', name: 'joe' }),
    ],
    finds: [],
  },
  {
    says: 'bind, and writing bindings of one namespace',
    objects: [
      role('r', rbacRule('bind', 'clusterroles')),
      role('r2', rbacRule('create', 'rolebindings')),
      bind('b', 'r', account),
      an('RoleBinding', 'shop/b2', { roleRef: { kind: 'ClusterRole', name: 'r2' }, subjects: [account] }),
    ],
    finds: [],
  },
  {
    says: 'every verb on roles and bindings',
    objects: [role('r', rbacRule('*', '*')), bind('b', 'r', account)],
    finds: ['ClusterRoleBinding:b'],
  },
  {
    says: 'bind of a role of all rights by its name, and making bindings',
    objects: [
      role('all', everything),
      role('r', { ...rbacRule('bind', 'clusterroles'), resourceNames: ['all'] }),
      ...another('r2', rbacRule('create', 'clusterrolebindings')),
      bind('b', 'r', account),
    ],
    finds: ['ClusterRoleBinding:b'],
    and: { sentence: /may bind a role of all rights/ },
  },
  {
    says: 'bind of a harmless role by its name, and making bindings',
    objects: [
      role('view', { verbs: ['get'], apiGroups: [''], resources: ['pods'] }),
      role('r', { ...rbacRule('bind', 'clusterroles'), resourceNames: ['view', 'gone'] }),
      ...another('r2', rbacRule('create', 'clusterrolebindings')),
      bind('b', 'r', account),
    ],
    finds: [],
  },
  {
    says: 'escalate, without a right to write roles',
    objects: [
      role('r', rbacRule('escalate', 'clusterroles')),
      ...another('r2', rbacRule('update', 'roles')),
      bind('b', 'r', account),
    ],
    finds: [],
  },
  {
    says: 'escalate, and updating roles',
    objects: [
      role('r', rbacRule('escalate', 'clusterroles')),
      ...another('r2', rbacRule('update', 'clusterroles')),
      bind('b', 'r', account),
    ],
    finds: ['ClusterRoleBinding:b'],
  },
  {
    says: 'approve for signers, without the approval of a request',
    objects: [
      role('r', certificates('approve', 'signers')),
      ...another('r2', certificates('update', 'certificatesigningrequests')),
      bind('b', 'r', account),
    ],
    finds: [],
  },
  {
    says: 'approve for signers, and the approval of requests by a wildcard',
    objects: [
      role('r', certificates('approve', 'signers')),
      ...another('r2', certificates('update', '*/approval')),
      bind('b', 'r', account),
    ],
    finds: ['ClusterRoleBinding:b'],
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
      says: 'all rights of everybody who logs in',
      objects: [role('all', everything), bind('b', 'all', { kind: 'Group', name: 'system:authenticated' })],
      finds: ['ClusterRoleBinding:b'],
      and: { severity: 'critical' },
    },
    {
      says: 'cluster-admin of all accounts, in files',
      objects: [view, bind('b', 'cluster-admin', { kind: 'Group', name: 'system:serviceaccounts:shop' })],
      ofFiles: true,
      finds: ['ClusterRoleBinding:b'],
      and: { severity: 'critical' },
    },
    {
      says: 'all rights in a namespace',
      objects: [
        role('all', everything),
        an('RoleBinding', 'shop/b', {
          roleRef: { kind: 'ClusterRole', name: 'all' },
          subjects: [{ kind: 'Group', name: 'system:authenticated' }],
        }),
      ],
      finds: ['RoleBinding:shop/b'],
      and: { severity: 'high' },
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
  {
    says: 'a role that is not in files with others',
    objects: [view, bind('b', 'gone', account)],
    ofFiles: true,
    finds: ['ClusterRoleBinding:b'],
  },
  ...['cluster-admin', 'edit', 'system:auth-delegator'].map((name) => ({
    says: `${name}, which the API server makes, is not in files with other roles`,
    objects: [role('own', everything), bind('b', name, account)],
    ofFiles: true as const,
    finds: [],
  })),
  {
    says: 'cluster-admin was deleted from a cluster',
    objects: [view, bind('b', 'cluster-admin', account)],
    finds: ['ClusterRoleBinding:b'],
  },
  {
    says: 'a Role with the name of a ClusterRole of the API server',
    objects: [
      an('Role', 'shop/own', { rules: [] }),
      an('RoleBinding', 'shop/b', { roleRef: { kind: 'Role', name: 'edit' }, subjects: [account] }),
    ],
    ofFiles: true,
    finds: ['RoleBinding:shop/b'],
  },
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

  test('cluster-admin and what edit has are known beside other ClusterRoles', () => {
    const objects = [
      view,
      binding,
      bind('e', 'edit', { kind: 'User', name: 'ann' }),
      bind('v', 'view', { kind: 'User', name: 'joe' }),
      bind('s', 'system:auth-delegator', { kind: 'User', name: 'sue' }),
    ];
    const { found } = findingGraph(objects, { rules: [accessToAdmin], ofFiles: true });
    expect(found().map(({ resource }) => resource)).toEqual(['ClusterRoleBinding:b', 'ClusterRoleBinding:e']);
  });

  test('bind of cluster-admin is known by its name', () => {
    const objects = [
      role('r', { ...rbacRule('bind', 'clusterroles'), resourceNames: ['cluster-admin'] }),
      ...another('r2', rbacRule('create', 'clusterrolebindings')),
      bind('b', 'r', account),
    ];
    expect(findingGraph(objects, { rules: [accessToAdmin], ofFiles: true }).found()).toHaveLength(1);
    expect(findingGraph(objects, { rules: [accessToAdmin] }).found()).toEqual([]);
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
