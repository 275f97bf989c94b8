// The kinds of the fake API server: built-in ones from the recorded discovery, and those added at run time.
import { readFileSync } from 'node:fs';
import type { KubernetesObject } from '../../model.ts';

export interface Subresource {
  readonly subresource: string;
  readonly responseKind: GroupVersionKind;
  readonly verbs: readonly string[];
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** One resource of one group in all served versions. */
export interface ServedKind {
  readonly group: string;
  /** Served versions, preferred first. */
  readonly versions: readonly string[];
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly Subresource[];
  /** Defined by a CustomResourceDefinition or treated so: list items have `kind` and `apiVersion`. */
  readonly custom: boolean;
  /** The resource it is stored as, if it is another form of that. */
  readonly storedAs?: string;
}

/** Definition of an added kind; the rest is derived. */
export type KindDefinition = Pick<ServedKind, 'group' | 'versions' | 'kind' | 'plural' | 'namespaced'> &
  Partial<ServedKind>;

export const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;
/** In the order in which the API server lists them for custom resources. */
const customVerbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'] as const;

/** `pods`, `deployments.apps`. */
export function resourceName(kind: Pick<ServedKind, 'group' | 'plural'>): string {
  return kind.group ? `${kind.plural}.${kind.group}` : kind.plural;
}

export function complete(definition: KindDefinition): ServedKind {
  const custom = definition.custom ?? true;
  const verbs = custom ? customVerbs : allVerbs;
  return { singular: definition.kind.toLowerCase(), verbs, ...definition, custom };
}

interface DiscoveredResource {
  readonly resource: string;
  readonly responseKind: GroupVersionKind;
  readonly scope: string;
  readonly singularResource: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly Subresource[];
}

interface DiscoveredGroup {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly { readonly version: string; readonly resources: readonly DiscoveredResource[] }[];
}

function recorded(name: string): readonly DiscoveredGroup[] {
  const file = new URL(`../recorded/requests/${name}.aggregated-discovery.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { items: readonly DiscoveredGroup[] }).items;
}

function kindOf(group: string, versions: readonly string[], found: DiscoveredResource): ServedKind {
  const { resource, responseKind, scope, singularResource, ...rest } = found;
  const names = { kind: responseKind.kind, plural: resource, singular: singularResource };
  return { group, versions, ...names, namespaced: scope === 'Namespaced', ...rest, custom: false };
}

function kindsOf(group: DiscoveredGroup): ServedKind[] {
  const versions = group.versions.map((version) => version.version);
  const resources = group.versions[0]?.resources ?? [];
  return resources.map((resource) => kindOf(group.metadata.name ?? '', versions, resource));
}

/** Stored once, served in two groups or in two versions of different shape. */
const twins: { readonly [name: string]: string } = { 'events.events.k8s.io': 'events' };

/** All kinds of the recorded server except its one custom resource. */
export function builtInKinds(): ServedKind[] {
  const groups = [
    ...recorded('api'),
    ...recorded('apis').filter((group) => !group.metadata.name?.includes('example.com')),
  ];
  return groups.flatMap(kindsOf).map((kind) => {
    const storedAs = twins[resourceName(kind)];
    return storedAs ? { ...kind, storedAs } : kind;
  });
}

interface CrdSpec {
  readonly group: string;
  readonly scope: string;
  readonly names: { readonly kind: string; readonly plural: string } & Partial<
    Pick<ServedKind, 'singular' | 'shortNames' | 'categories'>
  >;
  readonly versions: readonly { readonly name: string; readonly served: boolean; readonly subresources?: object }[];
}

/** The kind defined by a CustomResourceDefinition. */
export function kindOfDefinition(definition: KubernetesObject): ServedKind {
  const spec = definition['spec'] as CrdSpec;
  const served = spec.versions.filter((version) => version.served);
  const versions = served.map((version) => version.name).sort(byPriority);
  const subresources = Object.keys(served[0]?.subresources ?? {}).map((name) =>
    subresource(name, spec, versions[0] ?? 'v1'),
  );
  const { kind, plural, singular, shortNames, categories } = spec.names;
  const optional = {
    ...(singular && { singular }),
    ...(shortNames && { shortNames }),
    ...(categories && { categories }),
  };
  const identity = { group: spec.group, versions, kind, plural, namespaced: spec.scope === 'Namespaced' };
  return complete({ ...identity, ...optional, ...(subresources.length > 0 && { subresources }) });
}

function subresource(name: string, spec: CrdSpec, version: string): Subresource {
  const own = { group: spec.group, version, kind: spec.names.kind };
  const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
  return { subresource: name, responseKind: name === 'scale' ? scale : own, verbs: ['get', 'patch', 'update'] };
}

const versionPattern = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const stages: { readonly [stage: string]: number } = { alpha: 0, beta: 1 };

/** GA before beta before alpha, newer first: the API server's preference for versions of a custom resource. */
export function byPriority(a: string, b: string): number {
  const left = priority(a);
  const right = priority(b);
  for (let i = 0; i < left.length; i++) {
    const difference = (right[i] ?? 0) - (left[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : 1;
}

function priority(version: string): number[] {
  const parts = versionPattern.exec(version);
  if (!parts) return [-1, 0, 0];
  return [parts[2] ? (stages[parts[2]] ?? 0) : 2, Number(parts[1]), Number(parts[3] ?? 0)];
}

export interface KindRegistry {
  add(kind: ServedKind): void;
  remove(name: string): void;
  /** By group and plural, in any version. */
  find(group: string, plural: string): ServedKind | undefined;
  findKind(group: string, kind: string): ServedKind | undefined;
  /** By `pods` or `deployments.apps`. */
  named(name: string): ServedKind | undefined;
  all(): readonly ServedKind[];
}

export function createKindRegistry(initial: readonly ServedKind[]): KindRegistry {
  const kinds = new Map(initial.map((kind) => [resourceName(kind), kind]));
  return {
    add: (kind) => void kinds.set(resourceName(kind), kind),
    remove: (name) => void kinds.delete(name),
    find: (group, plural) => kinds.get(resourceName({ group, plural })),
    findKind: (group, kind) => [...kinds.values()].find((served) => served.group === group && served.kind === kind),
    named: (name) => kinds.get(name),
    all: () => [...kinds.values()],
  };
}
