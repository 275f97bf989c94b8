// Rights over bindings and roles: read once per round, for rules that ask about every subject.

import { getOrMake } from '../../src/get-or-make.ts';
import { every, type Steps } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView } from './finding-rule.ts';
import { isBootstrap, recordsOf, stringsAt } from './reading.ts';

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
    return getOrMake(this.#ofRole, role, () => rightsOf(role, this.#view));
  }

  /** Whether a ClusterRole of this name allows everything. */
  isAll(name: string): boolean {
    const role = this.#view.get(`ClusterRole:${name}`);
    const rights = role ? this.of(role) : assumedRights({ type: 'ClusterRole', name, present: false }, this.#view);
    return rights.some(isAllRights);
  }

  #readBinding(binding: Vertex): void {
    const [of] = [...this.#view.out(binding, 'grants')];
    // Bindings made by the API server are not the user's.
    if (!of || isBootstrap(binding) || !(of.target.present || isAssumed(of.target, this.#view))) return;
    for (const to of this.#view.out(binding, 'grantsTo')) {
      const subject = getOrMake(this.subjects, to.target.id, () => ({ vertex: to.target, grants: [] }));
      subject.grants.push({ binding, role: of.target, to, of, namespace: binding.namespace });
    }
  }
}

type Named = Pick<Vertex, 'type' | 'name' | 'present'>;

/** ClusterRoles that the API server makes itself: files refer to them without containing them. */
function isDefaultRole({ type, name }: Named): boolean {
  return type === 'ClusterRole' && (defaultRights.has(name) || name.startsWith('system:'));
}

/** Whether it is a default role that is unread, but there in every cluster. */
export function isAssumed(role: Named, view: FindingView): boolean {
  return !role.present && isDefaultRole(role) && (view.isOfFiles() || !view.isKnown('ClusterRole', ''));
}

/** Permissions of a role, or of a default role that is assumed to be there. */
export function rightsOf(role: Vertex, view: FindingView): readonly Permission[] {
  return view.look(role).present ? permissionsOf(role, view) : assumedRights(role, view);
}

function assumedRights(role: Named, view: FindingView): readonly Permission[] {
  if (!isAssumed(role, view)) return none;
  const labels = (aggregatedBy.get(role.name) ?? []).map((name) => `rbac.authorization.k8s.io/aggregate-to-${name}`);
  if (labels.length === 0) return defaultRights.get(role.name) ?? none;
  const added = [...view.members('ClusterRole', '')].filter((each) =>
    labels.some((label) => each.labels?.[label] === 'true'),
  );
  return [...(defaultRights.get(role.name) ?? none), ...added.flatMap((each) => ofPart(each, view))];
}

/**
 * Default roles that collect others by label, with the names in those labels.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
 */
const aggregatedBy: ReadonlyMap<string, readonly string[]> = new Map([
  ['admin', ['admin', 'edit', 'view']],
  ['edit', ['edit', 'view']],
  ['view', ['view']],
]);

function permission(verbs: string, group: string, ...resources: readonly string[]): Permission {
  return { verbs: verbs.split(' '), groups: [group], resources, names: [], field: 'rules[0]' };
}

/** What `edit` and `admin` have of the rights that rules ask about. */
const editing: readonly Permission[] = [
  permission('impersonate', '', 'serviceaccounts'),
  permission('create', '', 'serviceaccounts/token', 'pods', 'pods/exec'),
  permission('get list watch', '', 'secrets'),
  permission('create', 'apps', 'deployments'),
];

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles */
const defaultRights: ReadonlyMap<string, readonly Permission[]> = new Map([
  ['cluster-admin', [permission('*', '*', '*')]],
  ['admin', editing],
  ['edit', editing],
  ['view', []],
]);

/** Includes aggregated ones, which a controller writes into the role: not into one of files. */
export function permissionsOf(role: Vertex, view: FindingView): readonly Permission[] {
  const own = writtenIn(role, view);
  if (!view.isOfFiles()) return own;
  const parts = new Set([role]);
  for (const part of parts)
    for (const { target } of view.out(part, 'aggregates'))
      if (target.present && parts.size < mostParts) parts.add(target);
  parts.delete(role);
  return parts.size === 0 ? own : [...own, ...[...parts].flatMap((part) => ofPart(part, view))];
}

/** Maximum roles that one of files combines. */
const mostParts = 200;
const none: readonly Permission[] = [];

function ofPart(part: Vertex, view: FindingView): readonly Permission[] {
  return writtenIn(view.look(part), view).map((each) => ({ ...each, field: 'aggregationRule' }));
}

function writtenIn(role: Vertex, view: FindingView): readonly Permission[] {
  return recordsOf(view.object(role)['rules']).map(({ at, item }) => ({
    verbs: stringsAt(item, 'verbs'),
    groups: stringsAt(item, 'apiGroups'),
    resources: stringsAt(item, 'resources'),
    names: stringsAt(item, 'resourceNames'),
    field: `rules[${at}]`,
  }));
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
  /** It can only be used with one of these, which another grant may give. */
  readonly needs?: readonly Need[];
  /** It is limited to some names of roles, and one of them allows everything. */
  readonly ofNamed?: true;
}

interface Need {
  readonly verbs: readonly string[];
  readonly group: string;
  readonly resources: readonly string[];
}

const writing = ['create', 'update', 'patch'];
const toBind: readonly Need[] = [{ verbs: writing, group: rbac, resources: ['clusterrolebindings', 'rolebindings'] }];

/** Permissions that lead to all rights. https://kubernetes.io/docs/concepts/security/rbac-good-practices/ */
const powers: readonly Power[] = [
  { words: 'may do everything', verb: '*', group: '*', resource: '*', clusterOnly: true },
  { words: 'may bind any role', verb: 'bind', group: rbac, resource: 'clusterroles', clusterOnly: true, needs: toBind },
  {
    words: 'may bind a role of all rights',
    verb: 'bind',
    group: rbac,
    resource: 'clusterroles',
    clusterOnly: true,
    needs: toBind,
    ofNamed: true,
  },
  {
    words: 'may widen roles beyond its own rights',
    verb: 'escalate',
    group: rbac,
    resource: 'clusterroles',
    clusterOnly: true,
    needs: [{ verbs: writing, group: rbac, resources: ['clusterroles'] }],
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
    needs: [
      {
        verbs: ['update', 'patch'],
        group: 'certificates.k8s.io',
        resources: ['certificatesigningrequests/approval'],
      },
    ],
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
  /** Another grant, without which the permission cannot be used. */
  readonly with: Grant | undefined;
}

/** A subject's own permission with the shortest path to all rights; undefined if none. */
export function adminBy({ grants }: Subject, permissions: Permissions): Admin | undefined {
  for (const power of powers) {
    for (const grant of grants) {
      if (power.clusterOnly && grant.namespace !== '') continue;
      const permission = permissions.of(grant.role).find((each) => isPower(each, power, permissions));
      if (!permission) continue;
      const companion = power.needs ? companionOf(power.needs, grant, grants, permissions) : grant;
      if (!companion) continue;
      return { grant, permission, words: power.words, with: companion === grant ? undefined : companion };
    }
  }
  return undefined;
}

/** The grant itself if that suffices, or another one that covers its scope. */
function companionOf(
  needs: readonly Need[],
  grant: Grant,
  grants: readonly Grant[],
  permissions: Permissions,
): Grant | undefined {
  const covering = grants.filter(({ namespace }) => namespace === '' || namespace === grant.namespace);
  return [grant, ...covering].find(({ role }) =>
    permissions.of(role).some((each) => needs.some((need) => meets(each, need))),
  );
}

function meets(permission: Permission, { verbs, group, resources }: Need): boolean {
  return resources.some((resource) => verbs.some((verb) => allows(permission, verb, group, resource)));
}

function isPower(permission: Permission, power: Power, permissions: Permissions): boolean {
  const { verb, group, resource, ofNamed } = power;
  if (verb === '*') return isAllRights(permission);
  if (!ofNamed) return allows(permission, verb, group, resource);
  const anyName = { ...permission, names: [] };
  return allows(anyName, verb, group, resource) && permission.names.some((name) => permissions.isAll(name));
}

/** All rights require the wildcards themselves: a role over its whole group does not count. */
export function isAllRights({ verbs, groups, resources, names }: Permission): boolean {
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
