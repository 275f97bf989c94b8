// The ClusterRole that an export of this choice needs, and no right more.
import { stringify } from 'yaml';
import type { Chosen } from './choice.ts';

export interface RoleOptions {
  /** Changes are followed, too. */
  readonly follow: boolean;
  /** Releases of Helm are read from their Secrets. */
  readonly helm: boolean;
}

/** As YAML. */
export function roleOf(chosen: readonly Chosen[], { follow, helm }: RoleOptions): string {
  const verbs = follow ? ['get', 'list', 'watch'] : ['list'];
  const byGroup = Map.groupBy(chosen, ({ kind }) => kind.group);
  const rules = [...byGroup.keys()].toSorted().map((group) => ({
    apiGroups: [group],
    resources: (byGroup.get(group) ?? []).map(({ kind }) => kind.plural).toSorted(),
    verbs,
  }));
  // The cluster is known by the UID of a namespace that every cluster has.
  const identity = { apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'], verbs: ['get'] };
  const releases = { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] };
  return stringify(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'cluster-insight-export' },
      rules: [identity, ...(helm ? [releases] : []), ...rules],
    },
    { lineWidth: 120, aliasDuplicateObjects: false },
  );
}
