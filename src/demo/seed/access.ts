// Access control: roles, bindings, accounts with their secrets and external identities.
import type { KubernetesObject } from '../../model.ts';
import { type Fields, make, uidOf } from './make.ts';

const group = 'rbac.authorization.k8s.io';
const role = (kind: 'Role' | 'ClusterRole', path: string, rules: readonly Fields[]) =>
  make(`${group}/v1`, kind, path, { rules });
const account = (name: string, namespace: string) => ({ kind: 'ServiceAccount', name, namespace });
const subject = (kind: 'User' | 'Group', name: string) => ({ kind, apiGroup: group, name });
const readPods = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] };

export function accessObjects(): KubernetesObject[] {
  return [...roles(), ...bindings(), ...accounts()];
}

function roles(): KubernetesObject[] {
  return [
    // A Role with the name of a default ClusterRole.
    role('Role', 'web/view', [readPods]),
    role('ClusterRole', 'widget-reader', [
      { apiGroups: ['acme.example.com'], resources: ['widgets'], verbs: ['get', 'list', 'watch'] },
    ]),
    make(`${group}/v1`, 'ClusterRole', 'acme-widgets-view', {
      labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true', 'acme.example.com/aggregate-to-reader': 'true' },
      rules: [{ apiGroups: ['acme.example.com'], resources: ['*'], verbs: ['get', 'list', 'watch'] }],
    }),
    make(`${group}/v1`, 'ClusterRole', 'acme-reader', {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'acme.example.com/aggregate-to-reader': 'true' } }] },
      rules: [{ apiGroups: ['acme.example.com'], resources: ['*'], verbs: ['get', 'list', 'watch'] }],
    }),
  ];
}

function bindings(): KubernetesObject[] {
  const binding = (
    kind: 'RoleBinding' | 'ClusterRoleBinding',
    path: string,
    roleKind: string,
    name: string,
    subjects: readonly Fields[],
  ) => make(`${group}/v1`, kind, path, { subjects, roleRef: { apiGroup: group, kind: roleKind, name } });
  return [
    binding('RoleBinding', 'web/viewers', 'ClusterRole', 'view', [
      account('storefront', 'web'),
      subject('User', 'jane@example.com'),
      subject('Group', 'web-team'),
    ]),
    binding('RoleBinding', 'web/own-view', 'Role', 'view', [
      account('cart', 'web'),
      subject('Group', 'system:serviceaccounts:data'),
    ]),
    binding('RoleBinding', 'data/operators', 'ClusterRole', 'edit', [
      subject('Group', 'data-team'),
      account('database', 'data'),
    ]),
    binding('ClusterRoleBinding', 'acme-readers', 'ClusterRole', 'acme-reader', [
      subject('Group', 'system:serviceaccounts'),
    ]),
    // Its role and account were deleted.
    binding('ClusterRoleBinding', 'left-behind', 'ClusterRole', 'former-operator', [account('former', 'platform')]),
  ];
}

function accounts(): KubernetesObject[] {
  return [
    make('v1', 'ServiceAccount', 'web/storefront', {
      annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/storefront' },
      secrets: [{ name: 'storefront-token' }],
      imagePullSecrets: [{ name: 'registry-login' }],
    }),
    make('v1', 'ServiceAccount', 'web/cart', {
      annotations: { 'iam.gke.io/gcp-service-account': 'cart@shop-project.iam.gserviceaccount.com' },
    }),
    make('v1', 'ServiceAccount', 'data/database', {
      labels: { 'azure.workload.identity/use': 'true' },
      annotations: {
        'azure.workload.identity/client-id': '11111111-2222-3333-4444-555555555555',
        'azure.workload.identity/tenant-id': '66666666-7777-8888-9999-000000000000',
      },
    }),
    make('v1', 'Secret', 'web/storefront-token', {
      annotations: {
        'kubernetes.io/service-account.name': 'storefront',
        'kubernetes.io/service-account.uid': uidOf('v1', 'ServiceAccount', 'web/storefront'),
      },
      type: 'kubernetes.io/service-account-token',
      data: { token: 'czNjcjN0LXZhbHVl', namespace: 'd2Vi' },
    }),
  ];
}
