// The minimal ClusterRole for an export of this choice.
import { stringify } from 'yaml';
import type { Chosen } from './choice.ts';

export interface RoleOptions {
  /** Changes are followed too. */
  readonly follow: boolean;
  /** Helm releases are read from their Secrets. */
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
  // To read the UID that identifies the cluster.
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
