// Makes and parses resource ids; the only place that knows their form.

/** Groups of built-in kinds; kinds of other groups have the group in their type. */
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

/** `Service` for the core group; `Service.serving.knative.dev` for Knative's. */
export function typeOf(group: string, kind: string): string {
  return builtInGroups.has(group) ? kind : `${kind}.${group}`;
}

/** The group of an `apiVersion`: `apps` for `apps/v1`, empty for `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** The type for `apiVersion` and `kind`. */
export function typeOfReference(apiVersion: string | undefined, kind: string): string {
  return typeOf(groupOf(apiVersion ?? ''), kind);
}

/** `Type:name` or `Type:namespace/name`. Lone surrogates are replaced, since UTF-8 cannot encode them. */
export function resourceId(type: string, name: string, namespace?: string): string {
  return (namespace ? `${type}:${namespace}/${name}` : `${type}:${name}`).toWellFormed();
}

/** `Container:namespace/pod/container`. */
export function containerId(namespace: string, pod: string, container: string): string {
  return `Container:${namespace}/${pod}/${container}`.toWellFormed();
}

/** `Container:node/name`: a container outside of Pods. */
export function looseContainerId(node: string, name: string): string {
  return `Container:${node}/${name}`;
}

/** `Process:…/pid`, after its container's id. */
export function processId(container: string, pid: string | number): string {
  return `Process:${container.slice(container.indexOf(':') + 1)}/${pid}`;
}

/** `Image:sha256:…`. */
export function imageId(digest: string): string {
  return `Image:${digest}`;
}

/** The type of an id, and everything after the first colon. */
export function parseId(id: string): { readonly type: string; readonly path: string } {
  const start = clusterPart(id).length;
  const colon = id.indexOf(':', start);
  return colon < 0 ? { type: '', path: id } : { type: id.slice(start, colon), path: id.slice(colon + 1) };
}

/** An id or `TYPE/NAME` that was encoded whole for a URL. A name that only looks encoded in part may be one: it stays. */
export function decodedId(text: string): string {
  if (/[:/]/.test(text) || !/%(?:2f|3a)/i.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `@cluster/Type:…`: id of a resource in one of several clusters. */
export function idInCluster(cluster: string, id: string): string {
  return `@${encodeURIComponent(cluster.toWellFormed())}/${id}`;
}

/** The prefix added by `idInCluster`; empty for ids without a cluster. */
export function clusterPart(id: string): string {
  return id.startsWith('@') ? id.slice(0, id.indexOf('/') + 1) : '';
}

/** The cluster in an id; undefined if there is none. */
export function clusterOfId(id: string): string | undefined {
  const part = clusterPart(id).slice(1, -1);
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The digest `sha256:…` in any form from a status or runtime; undefined if there is none. */
export function imageDigest(reference: string): string | undefined {
  return /(?:^|[@/])((?:sha256|sha384|sha512):[0-9a-f]{32,128})$/.exec(reference)?.[1];
}
