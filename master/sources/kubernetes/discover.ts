// Asks an API server once what it serves: two requests with aggregated discovery (Kubernetes 1.26 and later), otherwise one
// per group and version. A group that does not answer does not affect the others.
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
import { isName, isRecord, itemsOf } from '../../../src/fields.ts';
import { ApiFailure, explain, failureOf } from './api-failure.ts';
import type { Answer, Client } from './client.ts';

/** One resource in one version. */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  /** Whether the API server prefers this version of the group. */
  readonly preferred: boolean;
}

export interface Served {
  readonly resources: readonly ServedResource[];
  /** Number of subresources: parts of objects, or actions on them. */
  readonly subresources: number;
  /** Groups that could not be asked, or whose answer is outdated. */
  readonly failures: readonly GroupFailure[];
}

export interface GroupFailure {
  readonly group: string;
  readonly version: string;
  readonly reason: string;
}

interface Fields {
  readonly [field: string]: unknown;
}

const aggregated = ['v2', 'v2beta1'].map(
  (version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
);
const accept = [...aggregated, 'application/json'].join(',');

/** @throws if the API server does not answer at all. */
export async function discover(client: Client, signal: AbortSignal): Promise<Served> {
  const roots = await Promise.all(['/api', '/apis'].map((path) => contentOf(client, path, signal)));
  const parts = await Promise.all(
    roots.map(async (root) => (isAggregated(root) ? fromAggregated(root) : fromLegacy(client, root, signal))),
  );
  return {
    resources: parts.flatMap((part) => part.resources),
    subresources: parts.reduce((sum, part) => sum + part.subresources, 0),
    failures: parts.flatMap((part) => part.failures),
  };
}

async function contentOf(client: Client, path: string, signal: AbortSignal): Promise<Fields> {
  const answer = await client.get(path, { headers: { accept }, signal, purpose: 'discovery' });
  if (answer.status !== 200) throw failureOf(answer);
  return jsonOf(path, answer);
}

function jsonOf(path: string, { body }: Answer): Fields {
  try {
    const content: unknown = JSON.parse(body.toString());
    if (isRecord(content)) return content;
  } catch (error) {
    throw Object.assign(new ApiFailure(502, `${path} answered no JSON`), { cause: error });
  }
  throw new ApiFailure(502, `${path} answered no discovery`);
}

function isAggregated({ kind }: Fields): boolean {
  return kind === 'APIGroupDiscoveryList';
}

function fromAggregated({ items }: Fields): Served {
  const versions = itemsOf(items as Fields[]).flatMap((group) => versionsOf(group ?? {}));
  return {
    resources: versions.flatMap(({ group, content, preferred }) => aggregatedResources(group, content, preferred)),
    subresources: versions.flatMap(({ content }) => itemsOf(content.resources as Fields[]).flatMap(subresourcesOf))
      .length,
    failures: versions
      .filter(({ content }) => content.freshness === 'Stale')
      .map(({ group, content }) => ({
        group,
        version: String(content.version),
        reason: 'the API that serves it does not answer',
      })),
  };
}

/** Versions are sorted, best first. */
function versionsOf({ metadata, versions }: Fields) {
  const { name } = (metadata ?? {}) as { readonly name?: unknown };
  const group = isName(name) ? name : '';
  return itemsOf(versions as Fields[]).map((content, i) => ({ group, content: content ?? {}, preferred: i === 0 }));
}

function subresourcesOf(resource: Fields | null | undefined): unknown[] {
  return [...itemsOf(resource?.subresources as unknown[])];
}

function aggregatedResources(group: string, { version, resources }: Fields, preferred: boolean): ServedResource[] {
  return itemsOf(resources as Fields[]).flatMap((one) => {
    const { resource, responseKind, scope, verbs, shortNames } = one ?? {};
    const kind = isRecord(responseKind) ? responseKind.kind : undefined;
    if (!isName(resource) || !isName(kind)) return [];
    return [
      resourceOf({
        group,
        version: String(version),
        preferred,
        kind,
        plural: resource,
        namespaced: scope === 'Namespaced',
        verbs,
        shortNames,
      }),
    ];
  });
}

type Loose = Omit<ServedResource, 'verbs' | 'shortNames'> & { readonly verbs: unknown; readonly shortNames: unknown };

function resourceOf({ verbs, shortNames, ...resource }: Loose): ServedResource {
  return {
    ...resource,
    verbs: itemsOf(verbs as string[]).filter(isName),
    shortNames: itemsOf(shortNames as string[]).filter(isName),
  };
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly preferred: boolean;
}

async function fromLegacy(client: Client, root: Fields, signal: AbortSignal): Promise<Served> {
  const asked = await Promise.all(groupVersionsOf(root).map((one) => askGroupVersion(client, one, signal)));
  return {
    resources: asked.flatMap((one) => one.resources),
    subresources: asked.reduce((sum, one) => sum + one.subresources, 0),
    failures: asked.flatMap((one) => one.failures),
  };
}

function groupVersionsOf({ versions, groups }: Fields): GroupVersion[] {
  const core = itemsOf(versions as string[])
    .filter(isName)
    .map((version, i) => ({ group: '', version, preferred: i === 0 }));
  return [...core, ...itemsOf(groups as Fields[]).flatMap((group) => versionsOfGroup(group ?? {}))];
}

function versionsOfGroup({ name, versions, preferredVersion }: Fields): GroupVersion[] {
  const best = isRecord(preferredVersion) ? preferredVersion.version : undefined;
  const found = itemsOf(versions as Fields[]).flatMap((one) => (isName(one?.version) ? [one.version] : []));
  const ordered = found.toSorted((a, b) => Number(b === best) - Number(a === best));
  return ordered.map((version, i) => ({ group: String(name), version, preferred: i === 0 }));
}

async function askGroupVersion(client: Client, one: GroupVersion, signal: AbortSignal): Promise<Served> {
  const path = one.group === '' ? `/api/${one.version}` : `/apis/${one.group}/${one.version}`;
  try {
    const { resources } = await contentOf(client, path, signal);
    return {
      resources: itemsOf(resources as Fields[]).flatMap((resource) => legacyResource(one, resource ?? {})),
      subresources: itemsOf(resources as Fields[]).filter((each) => isName(each?.name) && each.name.includes('/'))
        .length,
      failures: [],
    };
  } catch (error) {
    signal.throwIfAborted();
    return {
      resources: [],
      subresources: 0,
      failures: [{ group: one.group, version: one.version, reason: explain(error) }],
    };
  }
}

/** A name with a slash is a subresource. */
function legacyResource(place: GroupVersion, { name, kind, namespaced, verbs, shortNames }: Fields): ServedResource[] {
  if (!isName(name) || !isName(kind) || name.includes('/')) return [];
  return [resourceOf({ ...place, kind, plural: name, namespaced: namespaced === true, verbs, shortNames })];
}
