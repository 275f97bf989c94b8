// Rights: paths to cluster-admin, grants to everyone, and bindings that grant nothing.
import type { Steps } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView, Found, GraphFindingRule, ResourceFindingRule } from './finding-rule.ts';
import {
  type Admin,
  adminBy,
  allows,
  isAllRights,
  isAssumed,
  makesPodsIn,
  Permissions,
  permissionsOf,
  rightsOf,
  type Subject,
} from './permissions.ts';
import { podFieldsOf } from './pod-fields.ts';
import { called, first, isBootstrap, isBy, listed, metadataOf, systemNamespaces } from './reading.ts';
import { routeTypes } from './routed.ts';

const rbacKinds = ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'] as const;
/** Groups with intended full rights, and groups of all accounts or callers, which other findings cover. */
const notAsked: ReadonlySet<string> = new Set([
  'Group:system:masters',
  'Group:system:authenticated',
  'Group:system:unauthenticated',
  'Group:system:serviceaccounts',
  'User:system:anonymous',
]);

interface Way {
  readonly subject: Subject;
  readonly admin: Admin;
  /** The first step, to gain another account's rights. */
  readonly over: { readonly account: Vertex; readonly edges: readonly Edge[] } | undefined;
}

/** Computed once per round for all rules: they share the view. */
const found = new WeakMap<FindingView, readonly Way[]>();

function* waysToAdmin(view: FindingView): Steps<readonly Way[]> {
  const known = found.get(view);
  if (known) return known;
  const ways = yield* allWaysToAdmin(view);
  found.set(view, ways);
  return ways;
}

/** Every subject that a binding of users leads to all rights, by the shortest way. */
function* allWaysToAdmin(view: FindingView): Steps<Way[]> {
  const permissions = yield* new Permissions(view).read();
  const ways: Way[] = [];
  const strong = new Map<string, Way>();
  for (const subject of permissions.subjects.values()) {
    const admin = isAsked(subject) ? adminBy(subject, permissions) : undefined;
    if (!admin) continue;
    const way: Way = { subject, admin, over: undefined };
    ways.push(way);
    if (subject.vertex.type === 'ServiceAccount') strong.set(subject.vertex.id, way);
    yield;
  }
  const known = new Set(ways.map(({ subject }) => subject));
  for (const subject of permissions.subjects.values()) {
    if (known.has(subject) || !isAsked(subject)) continue;
    const way = overAccount(subject, strong, permissions);
    if (way) ways.push(way);
    yield;
  }
  return ways;
}

function isAsked({ vertex }: Subject): boolean {
  if (notAsked.has(vertex.id) || vertex.name.startsWith('system:')) return false;
  return !(vertex.type === 'ServiceAccount' && systemNamespaces.has(vertex.namespace));
}

/** Creating Pods next to a stronger account grants its rights. */
function overAccount(subject: Subject, strong: ReadonlyMap<string, Way>, permissions: Permissions): Way | undefined {
  for (const { subject: other, admin } of strong.values()) {
    const grant = other.vertex.present ? makesPodsIn(subject, other.vertex.namespace, permissions) : undefined;
    if (!grant) continue;
    return { subject, admin, over: { account: other.vertex, edges: [grant.to, grant.of] } };
  }
  return undefined;
}

function wordsOf({ subject, admin, over }: Way): string {
  const { binding, role } = admin.grant;
  const besides = admin.with ? ` together with ${called(admin.with.role)} of ${called(admin.with.binding)}` : '';
  if (!over)
    return `${called(subject.vertex)} ${admin.words}, by ${called(role)} that ${called(binding)} grants it${besides}`;
  return `${called(subject.vertex)} may make Pods that run as ${called(over.account)}, which ${admin.words}`;
}

function pathOf({ admin, over }: Way): Edge[] {
  return [
    ...(over?.edges ?? []),
    ...[admin.grant, ...(admin.with ? [admin.with] : [])].flatMap(({ to, of }) => [to, of]),
  ];
}

export const accessToAdmin = {
  name: 'access-to-admin',
  group: 'access',
  class: 'risk',
  severity: 'critical',
  sentence:
    "A User, Group or ServiceAccount can gain all rights: through wildcards, bind, escalate, impersonate, token creation, all Secrets, certificate approval, admission webhooks, kubelets, or Pods that run as a stronger account. A permission that needs another one, such as bind without a right to write bindings, does not count alone. API groups, resource names and the scope of RoleBindings are respected. Exceptions: the API server's own bindings and the accounts of kube-system.",
  remedy: 'Remove a binding on the path, or grant only the rights in use.',
  link: 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks',
  reads: rbacKinds,
  onlyAdds: true,
  *over(view) {
    const ways = yield* waysToAdmin(view);
    return ways.map(
      (way): Found => ({
        on: way.over ? (way.over.edges[0]?.source ?? way.admin.grant.binding) : way.admin.grant.binding,
        key: way.subject.vertex.id,
        field: way.admin.grant.to.type === 'grantsTo' ? 'subjects' : 'roleRef',
        path: pathOf(way),
        affected: [way.subject.vertex],
        sentence: wordsOf(way),
      }),
    );
  },
} as const satisfies GraphFindingRule;

/** How long a new right is reported. */
const news = 60 * 60 * 1000;

interface Seen {
  /** When it was first seen by subject; 0 in the first round. */
  readonly since: Map<string, number>;
  isFirst: boolean;
}

export const accessGrown = {
  name: 'access-grown',
  group: 'access',
  class: 'risk',
  severity: 'critical',
  remembers: true,
  sentence:
    'A path to cluster-admin rights exists that did not exist when the program started. It is reported for an hour, with the binding that opened it.',
  remedy: 'Revoke the change if nobody asked for it.',
  link: 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/',
  reads: rbacKinds,
  *over(view) {
    const memory = view.memory<Seen>(() => ({ since: new Map(), isFirst: true }));
    const ways = yield* waysToAdmin(view);
    const now = new Set(ways.map(({ subject }) => subject.vertex.id));
    for (const id of memory.since.keys()) if (!now.has(id)) memory.since.delete(id);
    for (const id of now) if (!memory.since.has(id)) memory.since.set(id, memory.isFirst ? 0 : view.now);
    memory.isFirst = false;
    return ways.flatMap((way): Found[] => {
      const since = memory.since.get(way.subject.vertex.id) ?? 0;
      if (since === 0 || view.now - since > news) return [];
      const found: Found = {
        on: way.admin.grant.binding,
        key: way.subject.vertex.id,
        field: 'subjects',
        path: pathOf(way),
        affected: [way.subject.vertex],
        since: new Date(since).toISOString(),
        sentence: `New: ${wordsOf(way)}`,
      };
      return [found];
    });
  },
} as const satisfies GraphFindingRule;

export const exposedToAdmin = {
  name: 'exposed-to-admin',
  group: 'access',
  class: 'risk',
  severity: 'critical',
  sentence:
    'A host leads through a route and a Service to a Pod that has the token of a ServiceAccount with cluster-admin rights. Exception: Pods that do not mount the token.',
  remedy: 'Do not mount the token, or remove the rights.',
  link: 'https://kubernetes.io/docs/concepts/security/service-accounts/#opt-out-of-api-credential-automounting',
  reads: [...rbacKinds, 'Pod', 'Service'],
  *over(view) {
    const found: Found[] = [];
    for (const way of yield* waysToAdmin(view)) {
      const account = way.subject.vertex;
      if (account.type !== 'ServiceAccount' || !account.present) continue;
      const exposed = exposureOf(account, view);
      if (!exposed) continue;
      found.push({
        on: view.rootOf(exposed.pod),
        key: account.id,
        field: 'spec.serviceAccountName',
        path: [...exposed.path, ...pathOf(way)],
        affected: [exposed.pod],
        sentence: `${called(exposed.pod)} can be reached from ${exposed.from} and has the token of ${called(account)}, which ${way.admin.words}`,
      });
      yield;
    }
    return found;
  },
} as const satisfies GraphFindingRule;

const routing: ReadonlySet<string> = new Set(routeTypes);

function exposureOf(account: Vertex, view: FindingView) {
  const automount = view.object(account)['automountServiceAccountToken'];
  for (const runs of view.into(account, 'runsAs')) {
    if (runs.source.type !== 'Pod' || !runs.source.present) continue;
    const own = podFieldsOf(runs.source, view)?.spec['automountServiceAccountToken'];
    if ((own ?? automount) === false) continue;
    for (const balances of view.into(runs.source, 'loadBalances')) {
      const route = first([...view.into(balances.source, 'routesTo')].filter(({ source }) => routing.has(source.type)));
      if (!route) continue;
      const host = first(view.out(route.source, 'serves'));
      const path = [...(host ? [host] : []), route, balances, runs];
      return { pod: runs.source, path, from: host?.target.name ?? called(route.source) };
    }
  }
  return undefined;
}

/** Discovery, and what all callers may ask about themselves. */
const harmless: ReadonlySet<string> = new Set([
  'system:discovery',
  'system:basic-user',
  'system:public-info-viewer',
  'system:service-account-issuer-discovery',
]);

export const defaultAccountGranted = {
  name: 'default-account-granted',
  group: 'access',
  class: 'risk',
  severity: 'high',
  sentence:
    'A role beyond API discovery is granted to the ServiceAccount `default`, or to all ServiceAccounts: every Pod without an account of its own has it. Critical severity if it is all rights in the cluster. A default account without rights is fine.',
  remedy: 'Give the workload that needs the rights its own ServiceAccount.',
  link: 'https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts',
  types: ['RoleBinding', 'ClusterRoleBinding'],
  reads: [],
  of(binding, view) {
    const role = first(view.out(binding, 'grants'));
    if (isBootstrap(binding) || !role || harmless.has(role.target.name)) return undefined;
    for (const to of view.out(binding, 'grantsTo')) {
      const { target } = to;
      const isDefault = target.type === 'ServiceAccount' && target.name === 'default' && !isBy(to, byGroup);
      const isAll = target.type === 'Group' && /^system:(authenticated|serviceaccounts)(:|$)/.test(target.name);
      if ((!isDefault && !isAll) || systemNamespaces.has(target.namespace)) continue;
      return {
        on: binding,
        key: target.id,
        field: view.fieldOf(to),
        path: [to, role],
        affected: [target],
        severity:
          binding.type === 'ClusterRoleBinding' && rightsOf(role.target, view).some(isAllRights) ? 'critical' : 'high',
        sentence: `${called(binding)} grants ${called(role.target)} to ${isAll ? `all of ${target.name}` : `${called(target)}, which every Pod there without an account of its own uses`}`,
      };
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

const byGroup: ReadonlySet<string> = new Set(['binding-grants-to-account-group']);

export const anonymousGranted = {
  name: 'anonymous-granted',
  group: 'access',
  class: 'risk',
  severity: 'critical',
  sentence:
    "A role is granted to unauthenticated callers. Exception: the API server's own bindings, for discovery and cluster information.",
  remedy: 'Delete the binding.',
  link: 'https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests',
  types: ['RoleBinding', 'ClusterRoleBinding'],
  reads: [],
  of(binding, view) {
    const role = first(view.out(binding, 'grants'));
    if (isBootstrap(binding) || !role || harmless.has(role.target.name)) return undefined;
    // kubeadm lets joining nodes read how to join.
    if (binding.namespace === 'kube-public') return undefined;
    for (const to of view.out(binding, 'grantsTo')) {
      if (to.target.id !== 'User:system:anonymous' && to.target.id !== 'Group:system:unauthenticated') continue;
      return {
        on: binding,
        key: to.target.id,
        path: [to, role],
        affected: [to.target],
        sentence: `${called(binding)} grants ${called(role.target)} to ${to.target.name}: to everyone who can reach the API server`,
      };
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

export const roleWildcard = {
  name: 'role-wildcard',
  group: 'access',
  class: 'risk',
  severity: 'medium',
  sentence:
    "A granted role allows every verb on every resource of all API groups or of the core group. Exceptions: a role over all of its own API group, a role that nobody has, and the API server's own roles.",
  remedy: 'List the verbs and resources in use.',
  link: 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege',
  types: ['Role', 'ClusterRole'],
  reads: [],
  of(role, view) {
    if (isBootstrap(role)) return undefined;
    const bindings = [...view.into(role, 'grants')].filter(({ source }) => source.present && !isBootstrap(source));
    if (bindings.length === 0) return undefined;
    const wide = permissionsOf(role, view).find(
      (each) => each.verbs.includes('*') && each.resources.includes('*') && allows(each, '*', '', '*'),
    );
    if (!wide) return undefined;
    return {
      on: role,
      field: wide.field,
      path: bindings.slice(0, 3),
      affected: bindings.map(({ source }) => source),
      sentence: `${called(role)} allows everything${wide.groups.includes('*') ? '' : ' of the core group'}, and ${listed(bindings.map(({ source }) => called(source)))} ${bindings.length === 1 ? 'grants' : 'grant'} it`,
    };
  },
} as const satisfies ResourceFindingRule;

export const bindingRoleMissing = {
  name: 'binding-role-missing',
  group: 'access',
  class: 'risk',
  severity: 'low',
  sentence:
    "A binding grants a role that does not exist. It grants nothing until someone creates a role of that name. Exceptions: the API server's own bindings, and its default roles where only files are read.",
  remedy: 'Delete the binding.',
  link: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding',
  types: ['RoleBinding', 'ClusterRoleBinding'],
  reads: [],
  of(binding, view) {
    const role = first(view.out(binding, 'grants'));
    if (!role || isBootstrap(binding) || !view.isMissing(role.target) || isAssumed(role.target, view)) return undefined;
    return {
      on: binding,
      key: role.target.id,
      path: [role],
      since: metadataOf(binding, view)['creationTimestamp'],
      sentence: `${called(binding)} grants ${called(role.target)}, which does not exist: if someone creates it, the subjects have its rights`,
    };
  },
} as const satisfies ResourceFindingRule;

export const bindingSubjectMissing = {
  name: 'binding-subject-missing',
  group: 'access',
  class: 'risk',
  severity: 'low',
  sentence:
    "All ServiceAccounts in a binding are missing, and it has no User or Group. Medium severity if their Namespace is missing too, since whoever creates it gets the rights. Exception: the API server's own bindings.",
  remedy: 'Delete the binding, or remove the subject from it.',
  link: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects',
  types: ['RoleBinding', 'ClusterRoleBinding'],
  reads: ['ServiceAccount', 'Namespace'],
  of(binding, view) {
    if (isBootstrap(binding)) return undefined;
    const subjects = [...view.out(binding, 'grantsTo')];
    if (
      subjects.length === 0 ||
      subjects.some(({ target }) => target.type !== 'ServiceAccount' || !view.isMissing(target))
    )
      return undefined;
    const gone = subjects.filter(({ target }) => !view.get(`Namespace:${target.namespace}`)?.present);
    return {
      on: binding,
      key: subjects.map(({ target }) => target.id).join(' '),
      field: 'subjects',
      path: subjects.slice(0, 4),
      severity: gone.length > 0 ? 'medium' : 'low',
      sentence: `${called(binding)} grants to ${listed(subjects.map(({ target }) => called(target)))}, which ${subjects.length === 1 ? 'does' : 'do'} not exist${gone[0] ? `, nor does the namespace ${gone[0].target.namespace}` : ''}`,
    };
  },
} as const satisfies ResourceFindingRule;
