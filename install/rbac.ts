// Roles generated from the kinds registry: get, list and watch on exactly what is read. Pure; render-rbac.ts writes them.

import { stringify } from 'yaml';
import type { Kind } from '../master/kinds/kind.ts';
import { typeOfKind } from '../master/kinds/lookup.ts';

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

export const verbs = ['get', 'list', 'watch'] as const;
/** ClusterRoles with this label, which anyone may set on theirs, extend what every master may read. */
export const aggregationLabel = { 'cluster-insight.io/aggregate-to-reader': 'true' } as const;
/** The same for the master of this installation only. */
const ownLabel = { 'cluster-insight.io/aggregate-to-reader': 'own' } as const;
const installation = {
  'app.kubernetes.io/instance': 'cluster-insight',
  'cluster-insight.io/installed-in': 'cluster-insight',
} as const;
/** Prefix of names outside of the installation's namespace, so that two installations do not collide. */
export const reader = 'cluster-insight:cluster-insight-reader';

/** One rule per group, resources sorted. */
export function rulesOf(kinds: readonly Kind[]): PolicyRule[] {
  const byGroup = Map.groupBy(kinds, (kind) => kind.group);
  return [...byGroup.keys()].toSorted().map((group) => ({
    apiGroups: [group],
    resources: (byGroup.get(group) ?? []).map((kind) => kind.plural).toSorted(),
    verbs: [...verbs],
  }));
}

/** Granted by the default role: what is read unless a setting changes it. */
export function grantedByDefault(kind: Kind): boolean {
  return !kind.restricted && !kind.optIn;
}

/** Whether its group is not built in. */
export function isCustom(kind: Kind): boolean {
  return typeOfKind(kind) !== kind.kind;
}

function clusterRole(name: string, sentence: string, rules: readonly PolicyRule[]): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels: { ...ownLabel }, annotations: { 'kubernetes.io/description': sentence } },
    rules,
  };
}

/** Last values of metrics-server, which no kind stands for: they are no objects. */
const lastValues = (...resources: readonly string[]): PolicyRule => ({
  apiGroups: ['metrics.k8s.io'],
  resources,
  verbs: ['list'],
});

/** The rules of the kinds that every cluster has, and last values. */
function coreRules(kinds: readonly Kind[]): PolicyRule[] {
  return [...rulesOf(kinds.filter((kind) => grantedByDefault(kind) && !isCustom(kind))), lastValues('nodes', 'pods')];
}

/** A separate component, because this right exposes far more than the metrics that are read. */
const kubeletMetrics: readonly PolicyRule[] = [{ apiGroups: [''], resources: ['nodes/proxy'], verbs: ['get'] }];

function namespacedRules(kinds: readonly Kind[]): PolicyRule[] {
  return [...rulesOf(kinds.filter((kind) => kind.namespaced && grantedByDefault(kind))), lastValues('pods')];
}

/** The bound role omits `rules`: even an empty list would overwrite the aggregated ones on each apply. */
function aggregatedRole(): object {
  const sentence = 'All that the master of Cluster Insight may read. Label a ClusterRole to add to it.';
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: reader, annotations: { 'kubernetes.io/description': sentence } },
    aggregationRule: {
      clusterRoleSelectors: [
        { matchLabels: { ...aggregationLabel } },
        { matchLabels: { ...ownLabel, ...installation } },
      ],
    },
  };
}

export function clusterRoles(kinds: readonly Kind[]): object[] {
  const granted = kinds.filter(grantedByDefault);
  return [
    aggregatedRole(),
    clusterRole(`${reader}-core`, 'Kinds that every cluster has.', coreRules(kinds)),
    clusterRole(`${reader}-custom`, 'Custom resources that are understood.', rulesOf(granted.filter(isCustom))),
  ];
}

/** The role of a component for kinds that the default role omits, such as Secrets. */
export function extraRole(suffix: string, sentence: string, kinds: readonly Kind[]): object {
  return clusterRole(`${reader}-${suffix}`, sentence, rulesOf(kinds));
}

/** For one namespace: the namespaced kinds of the same. */
export function namespacedRole(kinds: readonly Kind[]): object {
  const sentence = 'What the master of Cluster Insight may read in this namespace.';
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: reader, annotations: { 'kubernetes.io/description': sentence } },
    rules: namespacedRules(kinds),
  };
}

const head =
  '# Printed from the kinds registry by `node install/render-rbac.ts`. Change the registry, not this file.\n';

export function yamlOf(objects: readonly object[]): string {
  return head + objects.map((object) => stringify(object, { lineWidth: 120 })).join('---\n');
}

/** All generated files: text by path. */
export function printedFiles(kinds: readonly Kind[]): { readonly [path: string]: string } {
  const only = (kind: string) => kinds.filter((each) => each.kind === kind);
  const granted = kinds.filter(grantedByDefault);
  return {
    'manifests/rbac/cluster/rbac.yaml': yamlOf(clusterRoles(kinds)),
    'manifests/rbac/namespaced/role.yaml': yamlOf([namespacedRole(kinds)]),
    'manifests/components/secrets/role/rbac.yaml': yamlOf([
      extraRole('secrets', 'Secrets: RBAC cannot grant their metadata alone; only that is asked for.', only('Secret')),
    ]),
    'manifests/components/events/role/rbac.yaml': yamlOf([
      extraRole('events', 'Events, which are counted on the objects they speak of.', only('Event')),
    ]),
    'manifests/components/kubelet-metrics/role/rbac.yaml': yamlOf([
      clusterRole(
        `${reader}-kubelet-metrics`,
        'Numbers off kubelets: RBAC cannot grant /metrics of nodes alone; this covers all that a kubelet serves.',
        kubeletMetrics,
      ),
    ]),
    'install/chart/files/kubelet-metrics.yaml': head + stringify(kubeletMetrics),
    'install/chart/files/core.yaml': head + stringify(coreRules(kinds)),
    'install/chart/files/custom.yaml': head + stringify(rulesOf(granted.filter(isCustom))),
    'install/chart/files/namespaced.yaml': head + stringify(namespacedRules(kinds)),
    'install/chart/files/secrets.yaml': head + stringify(rulesOf(only('Secret'))),
    'install/chart/files/events.yaml': head + stringify(rulesOf(only('Event'))),
  };
}
