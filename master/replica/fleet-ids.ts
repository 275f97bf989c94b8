// Ids in a graph of several clusters: ids of one cluster's resources say the cluster, ids of shared resources do not.
import { badSetting } from '../../src/errors.ts';
import { clusterPart, idInCluster } from '../../src/ids.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { isShared } from './shared-types.ts';

type Named = Pick<Vertex, 'id' | 'type' | 'name'>;

/** The served clusters, and the API server URLs that others use for them. */
export interface NamedClusters {
  readonly clusters: { has(cluster: string): boolean };
  readonly addresses?: ReadonlyMap<string, string> | undefined;
}

/** A remote cluster that one cluster names, by name or by URL, may be one of the served clusters. */
export function idInFleet({ clusters, addresses }: NamedClusters, cluster: string, { id, type, name }: Named): string {
  if (type === 'RemoteCluster') {
    const meant = clusters.has(name) ? name : addresses?.get(addressOf(name) ?? '');
    if (meant !== undefined && clusters.has(meant)) return `Cluster:${meant}`;
  }
  return isShared({ type, name }) ? id : idInCluster(cluster, id);
}

/** The id within the cluster; undefined for a resource of another cluster. Shared resources have the same id everywhere. */
export function idWithin(cluster: string, id: string): string | undefined {
  const part = clusterPart(id);
  if (part === '') return id;
  return id.startsWith(idInCluster(cluster, '')) ? id.slice(part.length) : undefined;
}

/** Scheme, host and port of a URL, normalised; undefined if invalid. */
export function addressOf(url: string): string | undefined {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  const { protocol, hostname, port } = new URL(url);
  return `${protocol}//${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

/** Parses a setting: items `NAME=URL`, in order. @throws Fault `bad_setting` that names the invalid item. */
export function clusterAddresses(said: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    said.map((each) => {
      const at = each.indexOf('=');
      const address = addressOf(each.slice(at + 1));
      if (at < 1 || address === undefined)
        throw badSetting(
          'CLUSTER_INSIGHT_CLUSTER_URLS',
          `has ${JSON.stringify(each)}, which is not NAME=https://HOST:PORT`,
        );
      return [address, each.slice(0, at)] as const;
    }),
  );
}
