// Rights over bindings and roles: read once per round, for rules that ask about every subject.

import { getOrMake } from '../../src/get-or-make.ts';
import { every, type Steps } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView } from './finding-rule.ts';
import { isBootstrap, recordsOf } from './reading.ts';

/** One rule of a role. */
export interface Permission {
  readonly verbs: readonly string[];
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  readonly names: readonly string[];
  /** Its path in the role. */
  readonly field: string;
}

/** A granted role, and the relations that grant it. */
export interface Grant {
  readonly binding: Vertex;
  readonly role: Vertex;
  readonly to: Edge;
  readonly of: Edge;
  /** Empty for cluster-wide. */
  readonly namespace: string;
}

export interface Subject {
  readonly vertex: Vertex;
  readonly grants: Grant[];
}

export class Permissions {
  readonly subjects = new Map<string, Subject>();
  readonly #ofRole = new Map<Vertex, readonly Permission[]>();
  readonly #view: FindingView;

  constructor(view: FindingView) {
    this.#view = view;
  }

  /** Reads all bindings. `withGroups`: grants to all accounts count for each. */
  *read(): Steps<this> {
    const pause = every(16);
    for (const type of ['ClusterRoleBinding', 'RoleBinding']) {
      for (const binding of this.#view.members(type)) {
        this.#readBinding(binding);
        if (pause()) yield;
      }
    }
    return this;
  }

  of(role: Vertex): readonly Permission[] {
    if (!role.present) return everything;
    return getOrMake(this.#ofRole, role, () => permissionsOf(role, this.#view));
  }

  /** The API server creates cluster-admin itself, so files refer to it without containing it. */
  #isThere({ present, type, name }: Vertex): boolean {
    return present || (type === 'ClusterRole' && name === 'cluster-admin' && !this.#view.isKnown('ClusterRole', ''));
  }

  #readBinding(binding: Vertex): void {
    const [of] = [...this.#view.out(binding, 'grants')];
    // Bindings made by the API server are not the user's.
    if (!of || !this.#isThere(of.target) || isBootstrap(binding)) return;
    for (const to of this.#view.out(binding, 'grantsTo')) {
      const subject = getOrMake(this.subjects, to.target.id, () => ({ vertex: to.target, grants: [] }));
      subject.grants.push({ binding, role: of.target, to, of, namespace: binding.namespace });
    }
  }
}

const everything: readonly Permission[] = [
  { verbs: ['*'], groups: ['*'], resources: ['*'], names: [], field: 'rules[0]' },
];

/** Includes aggregated ones, which the controller writes into the role. */
export function permissionsOf(role: Vertex, view: FindingView): readonly Permission[] {
  return recordsOf(view.object(role)['rules']).map(({ at, item }) => ({
    verbs: textsOf(item['verbs']),
    groups: textsOf(item['apiGroups']),
    resources: textsOf(item['resources']),
    names: textsOf(item['resourceNames']),
    field: `rules[${at}]`,
  }));
}

function textsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string') : [];
}

/** Whether it allows the verb on the group's resource, for any object name. */
export function allows(
  { verbs, groups, resources, names }: Permission,
  verb: string,
  group: string,
  resource: string,
): boolean {
  if (names.length > 0) return false;
  const [plain] = resource.split('/');
  const isResource = (each: string) =>
    each === '*' ||
    each === resource ||
    each === `*/${resource.split('/')[1] ?? ' '}` ||
    (each === `${plain}/*` && resource.includes('/'));
  return hasAny(verbs, verb) && hasAny(groups, group) && resources.some(isResource);
}

function hasAny(list: readonly string[], word: string): boolean {
  return list.includes('*') || list.includes(word);
}

const rbac = 'rbac.authorization.k8s.io';

interface Power {
  readonly words: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Leads to admin only cluster-wide. */
  readonly clusterOnly?: true;
}

/** Permissions that lead to all rights. https://kubernetes.io/docs/concepts/security/rbac-good-practices/ */
const powers: readonly Power[] = [
  { words: 'may do everything', verb: '*', group: '*', resource: '*', clusterOnly: true },
  { words: 'may bind any role', verb: 'bind', group: rbac, resource: 'clusterroles', clusterOnly: true },
  {
    words: 'may widen roles beyond its own rights',
    verb: 'escalate',
    group: rbac,
    resource: 'clusterroles',
    clusterOnly: true,
  },
  { words: 'may act as any user', verb: 'impersonate', group: '', resource: 'users', clusterOnly: true },
  { words: 'may act as any group', verb: 'impersonate', group: '', resource: 'groups', clusterOnly: true },
  { words: 'may act as any account', verb: 'impersonate', group: '', resource: 'serviceaccounts', clusterOnly: true },
  {
    words: 'may make tokens of any account',
    verb: 'create',
    group: '',
    resource: 'serviceaccounts/token',
    clusterOnly: true,
  },
  { words: 'may read every Secret', verb: 'list', group: '', resource: 'secrets', clusterOnly: true },
  {
    words: 'may approve certificates of anybody',
    verb: 'approve',
    group: 'certificates.k8s.io',
    resource: 'signers',
    clusterOnly: true,
  },
  {
    words: 'may change what admission lets through',
    verb: 'update',
    group: 'admissionregistration.k8s.io',
    resource: 'mutatingwebhookconfigurations',
    clusterOnly: true,
  },
  {
    words: 'may run commands on Nodes through their kubelets',
    verb: 'create',
    group: '',
    resource: 'nodes/proxy',
    clusterOnly: true,
  },
];

export interface Admin {
  readonly grant: Grant;
  readonly permission: Permission;
  readonly words: string;
}

/** A subject's own permission with the shortest path to all rights; undefined if none. */
export function adminBy({ grants }: Subject, permissions: Permissions): Admin | undefined {
  for (const power of powers) {
    for (const grant of grants) {
      if (power.clusterOnly && grant.namespace !== '') continue;
      const { verb, group, resource } = power;
      const permission = permissions.of(grant.role).find((each) => isPower(each, verb, group, resource));
      if (permission) return { grant, permission, words: power.words };
    }
  }
  return undefined;
}

/** All rights require the wildcards themselves: a role over its whole group does not count. */
function isPower(permission: Permission, verb: string, group: string, resource: string): boolean {
  if (verb !== '*') return allows(permission, verb, group, resource);
  const { verbs, groups, resources, names } = permission;
  return names.length === 0 && verbs.includes('*') && resources.includes('*') && groups.includes('*');
}

/** Whether it may create Pods in the namespace, and so use its accounts. */
export function makesPodsIn({ grants }: Subject, namespace: string, permissions: Permissions): Grant | undefined {
  return grants.find(
    (grant) =>
      (grant.namespace === '' || grant.namespace === namespace) &&
      permissions
        .of(grant.role)
        .some(
          (each) =>
            allows(each, 'create', '', 'pods') ||
            allows(each, 'create', '', 'pods/exec') ||
            allows(each, 'create', 'apps', 'deployments'),
        ),
  );
}
