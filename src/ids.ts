// Makes and parses the ids of resources. Nothing else makes ids: what an id looks like is said here alone.

/** Groups whose kinds the API server builds in; kinds of every other group carry their group in their type. */
const builtInGroups = new Set([
  '',
  // What Linkerd, and others who write down groups, call the one without a name.
  'core',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'extensions',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]);

/** `Service` of the core group; `Service.serving.knative.dev` of Knative's. */
export function typeOf(group: string, kind: string): string {
  return builtInGroups.has(group) ? kind : `${kind}.${group}`;
}

/** The group of an `apiVersion`: `apps` of `apps/v1`, the empty string of `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** The type of what `apiVersion` and `kind` name. */
export function typeOfReference(apiVersion: string | undefined, kind: string): string {
  return typeOf(groupOf(apiVersion ?? ''), kind);
}

/** `Type:name`, or `Type:namespace/name`. Half a surrogate pair cannot be written in UTF-8, so no id holds one. */
export function resourceId(type: string, name: string, namespace?: string): string {
  return (namespace ? `${type}:${namespace}/${name}` : `${type}:${name}`).toWellFormed();
}

/** `Container:namespace/pod/container`. */
export function containerId(namespace: string, pod: string, container: string): string {
  return `Container:${namespace}/${pod}/${container}`.toWellFormed();
}

/** `Container:node/name`: a container that belongs to no Pod. */
export function looseContainerId(node: string, name: string): string {
  return `Container:${node}/${name}`;
}

/** `Process:…/pid`, below its container's id. */
export function processId(container: string, pid: string | number): string {
  return `Process:${container.slice(container.indexOf(':') + 1)}/${pid}`;
}

/** `Image:sha256:…`. */
export function imageId(digest: string): string {
  return `Image:${digest}`;
}

/** An id's type, and all that follows the first colon. */
export function parseId(id: string): { readonly type: string; readonly path: string } {
  const start = clusterPart(id).length;
  const colon = id.indexOf(':', start);
  return colon < 0 ? { type: '', path: id } : { type: id.slice(start, colon), path: id.slice(colon + 1) };
}

/** `@cluster/Type:…`: the id of a resource of one cluster among several. */
export function idInCluster(cluster: string, id: string): string {
  return `@${encodeURIComponent(cluster.toWellFormed())}/${id}`;
}

/** What `idInCluster` put before an id; the empty string where it is of no cluster in particular. */
export function clusterPart(id: string): string {
  return id.startsWith('@') ? id.slice(0, id.indexOf('/') + 1) : '';
}

/** The cluster that an id names; undefined where it names none. */
export function clusterOfId(id: string): string | undefined {
  const part = clusterPart(id).slice(1, -1);
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The digest `sha256:…` in any of the forms a status or a runtime gives it, or undefined where there is none. */
export function imageDigest(reference: string): string | undefined {
  return /(?:^|[@/])((?:sha256|sha384|sha512):[0-9a-f]{32,128})$/.exec(reference)?.[1];
}
