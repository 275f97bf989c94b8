// What an installation left in the API server, and the rights of its account.
import type { KubernetesObject } from '../../src/model.ts';
import type { Place } from './installing.ts';

export const granting = ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'].map(
  (each) => `${each}.rbac.authorization.k8s.io`,
);

export function ours({ api }: Place, resource: string): KubernetesObject[] {
  return api
    .list(resource)
    .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/part-of'] === 'cluster-insight');
}

/** `Kind namespace/name` of everything that grants rights, sorted. */
export function grants(place: Place): string[] {
  return granting
    .flatMap((resource) => ours(place, resource))
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
    .toSorted();
}

/**
 * Whether the master's account of a namespace has the right, according to the real kubectl: `verb resource [namespace]`, in all
 * namespaces by default.
 */
export async function may(place: Place, right: string, namespace = 'cluster-insight'): Promise<boolean> {
  const [verb = '', resource = '', where] = right.split(' ');
  const account = `system:serviceaccount:${namespace}:cluster-insight-master`;
  const scope = where === undefined ? ['--all-namespaces'] : ['-n', where];
  const { stdout } = await place.kubectl(['auth', 'can-i', verb, resource, ...scope, `--as=${account}`]);
  return stdout.trim() === 'yes';
}

/** Objects as versions named and labelled them before names contained the installation's. */
export function grantsOfOld(namespace: string, extra: readonly string[] = []): KubernetesObject[] {
  const labels = {
    'app.kubernetes.io/part-of': 'cluster-insight',
    'app.kubernetes.io/instance': 'cluster-insight',
    'app.kubernetes.io/managed-by': 'kustomize',
  };
  const aggregated = { ...labels, 'cluster-insight.io/aggregate-to-reader': 'true' };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const role = (name: string, resources: string[]) => ({
    apiVersion,
    kind: 'ClusterRole',
    metadata: { name, labels: aggregated },
    rules: [{ apiGroups: [''], resources, verbs: ['get', 'list', 'watch'] }],
  });
  const binding = (name: string, bound: string) => ({
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: bound },
    subjects: [{ kind: 'ServiceAccount', name: 'cluster-insight-master', namespace }],
  });
  const selector = { matchLabels: { 'cluster-insight.io/aggregate-to-reader': 'true' } };
  return [
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata: { name: 'cluster-insight-reader', labels },
      aggregationRule: { clusterRoleSelectors: [selector] },
    },
    role('cluster-insight-reader-core', ['pods', 'nodes']),
    ...extra.map((name) => role(`cluster-insight-reader-${name}`, [name])),
    binding('cluster-insight-reader', 'cluster-insight-reader'),
    binding('cluster-insight-auth-delegator', 'system:auth-delegator'),
  ];
}

/** The master of such a version. */
export function masterOfOld(namespace: string): KubernetesObject {
  const labels = { 'app.kubernetes.io/part-of': 'cluster-insight', 'app.kubernetes.io/instance': 'cluster-insight' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cluster-insight-master', namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [] } },
    },
  };
}

/** The same for several rights in one call. */
export async function mayEach(
  place: Place,
  rights: readonly string[],
  namespace = 'cluster-insight',
): Promise<boolean[]> {
  const reviews = rights.map((right) => {
    const [verb = '', resource = '', where = ''] = right.split(' ');
    const [plural, ...group] = resource.split('.');
    const resourceAttributes = { verb, resource: plural, group: group.join('.'), namespace: where };
    return JSON.stringify({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    });
  });
  const as = `--as=system:serviceaccount:${namespace}:cluster-insight-master`;
  const allowed = '-o=jsonpath={.status.allowed}{"\\n"}';
  const create = ['create', '--validate=false', as, allowed, '-f', '-'];
  const { stdout } = await place.kubectl(create, reviews.join('\n---\n'));
  const said = stdout.split('\n').slice(0, -1);
  if (said.length !== rights.length) throw new Error(`of ${rights.length} rights ${said.length} were answered`);
  return said.map((each) => each === 'true');
}
