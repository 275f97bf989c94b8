// Which resources are the same thing in several clusters, by id: images by digest, public hosts, zones, and cloud identities. All
// others belong to one cluster.
import { isIP } from 'node:net';

/** Shared whatever their name. */
const always: ReadonlySet<string> = new Set([
  'Image',
  'Zone',
  'Region',
  'ExternalIdentity',
  'RemoteCluster',
  'Cluster',
]);

export function isShared({ type, name }: { readonly type: string; readonly name: string }): boolean {
  if (always.has(type)) return true;
  if (type === 'Host') return isPublicHost(name);
  // Identities of the control plane differ between clusters.
  return (type === 'User' || type === 'Group') && !name.startsWith('system:');
}

/** Whether the resource is the cluster itself: what others say of it does not take the place of that. */
export function isItself({ type, name }: { readonly type: string; readonly name: string }, cluster: string): boolean {
  return type === 'Cluster' && name === cluster;
}

/** Private addresses and cluster-internal DNS names mean another machine in each cluster. */
function isPublicHost(name: string): boolean {
  const version = isIP(name);
  if (version === 4)
    return !/^(10|127|0|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(name);
  if (version === 6) return !/^(f[cd]|fe[89ab]|::1?$)/i.test(name);
  return (
    name.includes('.') &&
    !/\.(local|internal|svc|localhost|lan|home|intranet)\.?$/i.test(name) &&
    !/\.svc\./i.test(name)
  );
}
