// A workload whose containers use nearly their limits, as an hour of metrics.
import type { KubernetesObject } from '../../src/model.ts';
import type { ToldCluster } from './told-cluster.ts';

const Mi = 2 ** 20;

/** Three Pods of the workload that use nearly their limits. */
export function measureWeb(web: KubernetesObject, { put, series }: Pick<ToldCluster, 'put' | 'series'>): void {
  const owned = (kind: string, name: string, uid: string) => ({
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid, controller: true }],
  });
  const metadata = {
    name: 'web-1',
    namespace: 'shop',
    uid: 'r',
    ...owned('Deployment', 'web', String(web.metadata.uid)),
  };
  const { spec } = (web as unknown as { spec: { template: { spec: object } } }).spec.template;
  const pods = ['web-1-a', 'web-1-b', 'web-1-c'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', uid: name, ...owned('ReplicaSet', 'web-1', 'r') },
    spec,
  }));
  const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: {} };
  const now = Math.floor(Date.now() / 60_000);
  for (const {
    metadata: { name },
  } of pods)
    for (let at = now - 59; at <= now; at++) {
      series.put(`Container:shop/${name}/web`, 'cpu', at, 0.05);
      series.put(`Container:shop/${name}/web`, 'memory', at, 62 * Mi);
    }
  put(web, set as KubernetesObject, ...(pods as unknown as KubernetesObject[]));
}
