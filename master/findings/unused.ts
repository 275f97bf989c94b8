// Unused configuration, credentials and accounts, as far as known.
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView, Found, ResourceFindingRule } from './finding-rule.ts';
import { hasMarkOfProgram, isOfGroup, marksOf, readByApi } from './program-marks.ts';
import { annotationOf, called, day, metadataOf, some, systemNamespaces } from './reading.ts';

/** Present in every namespace of every cluster. */
const everywhere: ReadonlySet<string> = new Set(['kube-root-ca.crt', 'openshift-service-ca.crt']);

/** Relations for location or origin, not for use. */
const noUse: ReadonlySet<string> = new Set(['contains', 'defines', 'limits', 'guards']);
/** The same for accounts: grants to all accounts are no use of one. */
const granted: ReadonlySet<string> = new Set([...noUse, 'grantsTo']);

/** Users without a relation: undefined for none, `possibly` for what installed it. */
function useOf(vertex: Vertex, view: FindingView, without: ReadonlySet<string>): 'used' | 'possibly' | undefined {
  if (view.anyInto(vertex, ({ type }) => !without.has(type))) return 'used';
  // A release or Application installed it and may have a use for it that is not visible here.
  const possibly = view.anyInto(vertex, ({ source }) => source.type !== 'Namespace', 'contains');
  return possibly || isLoadedByLabel(vertex) || marksOf(vertex, view).length > 0 ? 'possibly' : undefined;
}

/** Checked first: most are used, and the rest need not be read. */
function isUsed(vertex: Vertex, view: FindingView): boolean {
  return view.anyInto(vertex, ({ type }) => !noUse.has(type));
}

/** Sidecars and operators load objects with their label. */
function isLoadedByLabel({ labels = {} }: Vertex): boolean {
  return Object.keys(labels).some((name) => name.includes('.') || /dashboard|datasource|alert|rule|config/i.test(name));
}

function unused(vertex: Vertex, view: FindingView, words: string, without = noUse): Found | undefined {
  if (systemNamespaces.has(vertex.namespace)) return undefined;
  const use = useOf(vertex, view, without);
  if (use === 'used') return undefined;
  const created = metadataOf(vertex, view)['creationTimestamp'];
  if (!view.isOverdue(created, day)) return undefined;
  if (vertex.type !== 'ServiceAccount' && isOfProgram(vertex, view)) return undefined;
  return {
    on: vertex,
    field: 'metadata.name',
    path: [...view.into(vertex, 'contains')].slice(0, 2),
    since: created,
    possibly: use === 'possibly',
    sentence: `${called(vertex)} ${words}`,
  };
}

/** Made or read by a program without any reference. Undecided where one may read it with all others of its namespace. */
function isOfProgram(vertex: Vertex, view: FindingView): boolean {
  if (hasMarkOfProgram(vertex, view)) return true;
  const read = readByApi(vertex, view);
  if (read !== 'all of them') return read !== undefined;
  return view.undecided(`an account of its Namespace may read every ${vertex.type} there`);
}

const rights = ['ServiceAccount', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'] as const;
const users = ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicaSet'] as const;

export const configUnused = {
  name: 'config-unused',
  group: 'configuration',
  class: 'advice',
  severity: 'info',
  sentence:
    'Nothing uses a ConfigMap older than a day. Exceptions: cluster CA certificates, ConfigMaps of the API server or with an owner, leader elections and system Namespaces, ConfigMaps with a label or annotation of an operator, or that an account of the Namespace may get by name. ConfigMaps of a release, or with a label that a loader may select, are possibly unused; where an account of the Namespace may get all, it is undecided.',
  remedy: 'Delete it if nothing has used it for a week.',
  link: 'https://kubernetes.io/docs/concepts/configuration/configmap/',
  types: ['ConfigMap'],
  reads: [...users, ...rights, 'CustomResourceDefinition'],
  of(map, view) {
    if (everywhere.has(map.name) || map.controlled || isUsed(map, view)) return undefined;
    if (annotationOf(map, 'control-plane.alpha.kubernetes.io/leader', view)) return undefined;
    return unused(map, view, 'is used by no Pod, no template and nothing else that is known');
  },
} as const satisfies ResourceFindingRule;

/** Secret types found by type, not by name. */
const foundByType: ReadonlySet<string> = new Set([
  'helm.sh/release.v1',
  'bootstrap.kubernetes.io/token',
  'kubernetes.io/service-account-token',
]);

export const secretUnused = {
  name: 'secret-unused',
  group: 'configuration',
  class: 'risk',
  severity: 'low',
  sentence:
    'Nothing uses a Secret older than a day. Exceptions: Helm records, account tokens, pull Secrets, certificates of Ingresses and Gateways, Secrets with an owner or from a Certificate, with a label or annotation of an operator, or that an account of the Namespace may get by name, and system Namespaces. Where an account of the Namespace may get all, it is undecided.',
  remedy: 'Delete it: it is a credential that nobody watches.',
  link: 'https://kubernetes.io/docs/concepts/security/secrets-good-practices/',
  types: ['Secret'],
  reads: [...users, ...rights, 'Ingress', 'CustomResourceDefinition'],
  of(secret, view) {
    if (secret.controlled || secret.labels?.['owner'] === 'helm' || isUsed(secret, view)) return undefined;
    const { type } = view.object(secret);
    if (typeof type === 'string' && foundByType.has(type)) return undefined;
    if (some(view.out(secret, 'belongsTo'), () => true)) return undefined;
    const annotations = Object.keys((metadataOf(secret, view)['annotations'] ?? {}) as object);
    if (annotations.some((name) => name.startsWith('cert-manager.io/'))) return undefined;
    return unused(secret, view, 'is used by no Pod, no template, no account, no route and nothing else that is known');
  },
} as const satisfies ResourceFindingRule;

export const accountUnused = {
  name: 'account-unused',
  group: 'configuration',
  class: 'advice',
  severity: 'info',
  sentence:
    'A ServiceAccount older than a day runs no Pods, has no rights of its own and no token. Rights granted to groups of all accounts do not count as use.',
  remedy: 'Delete it.',
  link: 'https://kubernetes.io/docs/concepts/security/service-accounts/',
  types: ['ServiceAccount'],
  reads: [...users, 'RoleBinding', 'ClusterRoleBinding'],
  of(account, view) {
    if (account.name === 'default' || account.controlled) return undefined;
    const isUse = (edge: Edge) => edge.type !== 'grantsTo' || !isOfGroup(edge);
    if (view.anyInto(account, isUse, 'runsAs', 'grantsTo', 'belongsTo', 'uses', 'refersTo', 'requestedBy'))
      return undefined;
    return unused(account, view, 'runs no Pods and is granted nothing', granted);
  },
} as const satisfies ResourceFindingRule;
