// Discovery in the old form (one document per group and version) and the aggregated form, from one registry.
import type { ServedKind, Subresource } from './kinds.ts';

/** Group names in order of first appearance, without the core group. */
function groupsOf(kinds: readonly ServedKind[]): string[] {
  return [...new Set(kinds.map((kind) => kind.group))].filter((group) => group !== '');
}

function versionsOf(kinds: readonly ServedKind[], group: string): string[] {
  return [...new Set(kinds.filter((kind) => kind.group === group).flatMap((kind) => kind.versions))];
}

function groupDocument(kinds: readonly ServedKind[], group: string) {
  const versions = versionsOf(kinds, group).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

/** `/apis` */
export function groupList(kinds: readonly ServedKind[]): object {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groupsOf(kinds).map((group) => groupDocument(kinds, group)),
  };
}

/** `/apis/GROUP`, or undefined if there is no such group. */
export function group(kinds: readonly ServedKind[], name: string): object | undefined {
  if (!kinds.some((kind) => kind.group === name)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(kinds, name) };
}

/** `/api` */
export function coreVersions(address: string): object {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: address }];
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
}

/** `/api/v1` and `/apis/GROUP/VERSION`, or undefined if not served. */
export function resourceList(kinds: readonly ServedKind[], group: string, version: string): object | undefined {
  const served = kinds.filter((kind) => kind.group === group && kind.versions.includes(version));
  if (served.length === 0) return undefined;
  const groupVersion = group ? `${group}/${version}` : version;
  // The real document of the core group has no apiVersion.
  const head = group ? { kind: 'APIResourceList', apiVersion: 'v1' } : { kind: 'APIResourceList' };
  return { ...head, groupVersion, resources: served.flatMap(resources) };
}

function resources(kind: ServedKind): object[] {
  const { plural, singular, namespaced, verbs, shortNames, categories } = kind;
  const names = { ...(shortNames && { shortNames }), ...(categories && { categories }) };
  const own = { name: plural, singularName: singular, namespaced, kind: kind.kind, verbs, ...names };
  return [own, ...(kind.subresources ?? []).map((subresource) => subresourceEntry(kind, subresource))];
}

function subresourceEntry(kind: ServedKind, { subresource, responseKind, verbs }: Subresource): object {
  const foreign = responseKind.group !== '' && responseKind.group !== kind.group;
  const head = { name: `${kind.plural}/${subresource}`, singularName: '', namespaced: kind.namespaced };
  const type = foreign ? { group: responseKind.group, version: responseKind.version } : {};
  return { ...head, ...type, kind: responseKind.kind, verbs };
}

const aggregatedVersions = ['v2', 'v2beta1'];

/** The preferred version of aggregated discovery in an Accept header, if any. */
export function aggregatedVersion(accept: string): string | undefined {
  for (const part of accept.split(',')) {
    if (!part.includes('as=APIGroupDiscoveryList')) continue;
    const version = /;\s*v=([^;\s]+)/.exec(part)?.[1];
    if (version && aggregatedVersions.includes(version)) return version;
  }
  return undefined;
}

/**
 * `/api` (`core`) or `/apis` in the aggregated form. Groups in `stale` are marked as such, as when their server is
 * unavailable.
 */
export function aggregated(
  kinds: readonly ServedKind[],
  core: boolean,
  version: string,
  stale: ReadonlySet<string>,
): object {
  const groups = core ? [''] : groupsOf(kinds);
  const items = groups.map((name) => ({
    metadata: name ? { name } : {},
    versions: versionsOf(kinds, name).map((served) => aggregatedGroupVersion(kinds, name, served, stale)),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

function aggregatedGroupVersion(
  kinds: readonly ServedKind[],
  group: string,
  version: string,
  stale: ReadonlySet<string>,
) {
  if (stale.has(group)) return { version, freshness: 'Stale' };
  const served = kinds.filter((kind) => kind.group === group && kind.versions.includes(version));
  return { version, resources: served.map((kind) => aggregatedResource(kind, version)), freshness: 'Current' };
}

/** Built-in kinds leave group and version empty in `responseKind`: clients must take them from the context. */
function aggregatedResource(kind: ServedKind, version: string): object {
  const { plural, singular, verbs, shortNames, categories, subresources } = kind;
  const own = kind.custom ? { group: kind.group, version } : { group: '', version: '' };
  return {
    resource: plural,
    responseKind: { ...own, kind: kind.kind },
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames && { shortNames }),
    ...(categories && { categories }),
    ...(subresources && { subresources }),
  };
}
