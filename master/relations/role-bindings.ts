// Grants: roles, and the accounts, users and groups in bindings.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { End, Reference, Rule } from './relation.ts';

interface Subject {
  readonly kind?: unknown;
  readonly name?: unknown;
  readonly namespace?: unknown;
}

interface Binding extends KubernetesObject {
  readonly roleRef?: { readonly kind?: unknown; readonly name?: unknown } | null;
  readonly subjects?: readonly Subject[] | null;
}

type Refer = (reference: Reference) => void;
type Resolve = (subject: Subject, home: string | undefined) => End | undefined;

const bindings = ['RoleBinding', 'ClusterRoleBinding'];

/** A RoleBinding grants within its namespace, even for a ClusterRole or a subject elsewhere. */
function withScope(object: Binding, reference: Reference): Reference {
  const within = object.metadata.namespace;
  return within ? { ...reference, notes: { within } } : reference;
}

export const bindingGrants = {
  name: 'binding-grants',
  relation: 'grants',
  reads: bindings,
  source: bindings,
  target: ['Role', 'ClusterRole'],
  fields: ['roleRef'],
  dependence: 'source',
  sentence: 'A RoleBinding or ClusterRoleBinding grants the Role or ClusterRole named in roleRef.',
  infer(object: Binding, refer) {
    const { kind, name } = object.roleRef ?? {};
    const home = object.metadata.namespace;
    if (!isName(name)) return;
    if (kind === 'ClusterRole') {
      refer(withScope(object, { target: { by: 'name', type: 'ClusterRole', name }, field: 'roleRef' }));
    } else if (kind === 'Role' && home) {
      refer(withScope(object, { target: { by: 'name', type: 'Role', namespace: home, name }, field: 'roleRef' }));
    }
  },
} as const satisfies Rule;

/** The API server creates these for controllers that may not run, such as a cloud provider's, and reserves their names. */
function isBootstrap({ metadata: { name, labels } }: Binding): boolean {
  return name.startsWith('system:') && labels?.['kubernetes.io/bootstrapping'] === 'rbac-defaults';
}

function eachSubject(object: Binding, refer: Refer, resolve: Resolve): void {
  const subjects = itemsOf(object.subjects);
  const absence = isBootstrap(object) ? 'expected' : undefined;
  for (let i = 0; i < subjects.length; i++) {
    const subject = subjects[i];
    const target = isRecord(subject) ? resolve(subject, object.metadata.namespace) : undefined;
    if (target) refer(withScope(object, { target, field: `subjects[${i}]`, absence }));
  }
}

const accountUser = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** An account may also be named as its user. */
const toAccount: Resolve = ({ kind, name, namespace }, home) => {
  if (!isName(name)) return undefined;
  const type = 'ServiceAccount';
  if (kind === 'User') {
    const found = accountUser.exec(name);
    return found?.[2] ? { by: 'name', type, namespace: found[1], name: found[2] } : undefined;
  }
  const where = isName(namespace) ? namespace : home;
  return kind === 'ServiceAccount' && where ? { by: 'name', type, namespace: where, name } : undefined;
};

const toUser: Resolve = ({ kind, name }) =>
  kind === 'User' && isName(name) && !accountUser.test(name) ? { by: 'name', type: 'User', name } : undefined;

const toGroup: Resolve = ({ kind, name }) =>
  kind === 'Group' && isName(name) ? { by: 'name', type: 'Group', name } : undefined;

/** The API server adds all accounts to these groups. */
const accountGroup = /^system:(?:authenticated|serviceaccounts(?::(.+))?)$/;

const toAccountsOfGroup: Resolve = ({ kind, name }) => {
  const found = kind === 'Group' && isName(name) ? accountGroup.exec(name) : null;
  if (!found) return undefined;
  return { by: 'kind', type: 'ServiceAccount', namespaces: found[1] ? { in: [found[1]] } : { all: true } };
};

export const bindingGrantsToAccount = {
  name: 'binding-grants-to-account',
  relation: 'grantsTo',
  reads: bindings,
  source: bindings,
  target: ['ServiceAccount'],
  fields: ['subjects[]', 'metadata.labels["kubernetes.io/bootstrapping"]'],
  dependence: 'target',
  sentence:
    "A RoleBinding or ClusterRoleBinding grants its role to the ServiceAccounts among its subjects, including those named as users. Accounts in the API server's bootstrap bindings need not exist.",
  infer: (object: Binding, refer) => eachSubject(object, refer, toAccount),
} as const satisfies Rule;

export const bindingGrantsToUser = {
  name: 'binding-grants-to-user',
  relation: 'grantsTo',
  reads: bindings,
  source: bindings,
  target: ['User'],
  fields: ['subjects[]'],
  dependence: 'target',
  sentence: 'A RoleBinding or ClusterRoleBinding grants its role to the Users among its subjects.',
  infer: (object: Binding, refer) => eachSubject(object, refer, toUser),
} as const satisfies Rule;

export const bindingGrantsToGroup = {
  name: 'binding-grants-to-group',
  relation: 'grantsTo',
  reads: bindings,
  source: bindings,
  target: ['Group'],
  fields: ['subjects[]'],
  dependence: 'target',
  sentence: 'A RoleBinding or ClusterRoleBinding grants its role to the Groups among its subjects.',
  infer: (object: Binding, refer) => eachSubject(object, refer, toGroup),
} as const satisfies Rule;

export const bindingGrantsToAccountGroup = {
  name: 'binding-grants-to-account-group',
  relation: 'grantsTo',
  reads: bindings,
  source: bindings,
  target: ['ServiceAccount'],
  fields: ['subjects[]'],
  dependence: 'target',
  sentence:
    'A binding to the group system:authenticated or system:serviceaccounts grants its role to every ServiceAccount. A binding to system:serviceaccounts:<ns> grants it to those in that namespace.',
  infer: (object: Binding, refer) => eachSubject(object, refer, toAccountsOfGroup),
} as const satisfies Rule;
