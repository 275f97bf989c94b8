// The objects of the API in what a document says, with what manifests leave out and an API server would add.

import { customKind } from '../../master/kinds/custom.ts';
import { kinds } from '../../master/kinds/index.ts';
import type { Kind } from '../../master/kinds/kind.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import { scopeOf } from '../../master/kinds/scopes.ts';
import { isName, isRecord } from '../../src/fields.ts';
import { groupOf, typeOf, typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';

/** What documents say, by type: a type with an empty list was looked for, and there was nothing. */
export interface Found {
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly objects: ReadonlyMap<string, readonly KubernetesObject[]>;
  /** Documents and items that are no objects of the API. */
  readonly skipped: number;
}

interface Named {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for a list without items. */
  readonly object?: KubernetesObject;
}

/** `namespace` is for objects of namespaced kinds that name none. */
export function sortOut(documents: Iterable<unknown>, namespace: string): Found {
  let skipped = 0;
  const named: Named[] = [];
  for (const document of documents) {
    for (const each of namedIn(document)) {
      if (each === undefined) skipped++;
      else named.push(each);
    }
  }
  const byType = Map.groupBy(named, ({ apiVersion, kind }) => typeOfReference(apiVersion, kind));
  const found = new Map([...byType].map(([type, members]) => [type, kindOf(type, members, named)]));
  const objects = [...byType].map(([type, members]) => {
    const kind = found.get(type) as Kind;
    return [type, members.flatMap(({ object }) => (object ? [placed(object, kind, namespace)] : []))] as const;
  });
  return { kinds: found, objects: new Map(objects), skipped };
}

/** The objects of a document; undefined in place of each that is none. */
function* namedIn(value: unknown, inherited?: { apiVersion: string; kind: string }): Generator<Named | undefined> {
  if (Array.isArray(value)) {
    for (const each of value) yield* namedIn(each, inherited);
    return;
  }
  if (!isRecord(value)) return void (yield undefined);
  const apiVersion = isName(value.apiVersion) ? value.apiVersion : inherited?.apiVersion;
  const kind = isName(value.kind) ? value.kind : inherited?.kind;
  if (apiVersion === undefined || kind === undefined) return void (yield undefined);
  if (kind.endsWith('List') && (Array.isArray(value.items) || value.items === null))
    yield* ofList(apiVersion, kind, value);
  else yield isNamed(value) ? { apiVersion, kind, object: { ...value, apiVersion, kind } } : undefined;
}

/** In life the items of a `PodList` do not say what they are; those of a plain `List` do. */
function* ofList(
  apiVersion: string,
  kind: string,
  list: { readonly [field: string]: unknown },
): Generator<Named | undefined> {
  const member = kind.slice(0, -'List'.length);
  if (member === '') return yield* namedIn(list.items ?? []);
  yield { apiVersion, kind: member };
  yield* namedIn(list.items ?? [], { apiVersion, kind: member });
}

function isNamed(value: {
  readonly [field: string]: unknown;
}): value is KubernetesObject & { [field: string]: unknown } {
  return isRecord(value.metadata) && isName(value.metadata.name);
}

const known = new Map<string, Kind>(kinds.map((kind) => [typeOfKind(kind), kind]));

function kindOf(type: string, members: readonly Named[], all: readonly Named[]): Kind {
  const { apiVersion, kind } = members[0] as Named;
  const registered = known.get(type);
  if (registered) return registered;
  const group = groupOf(apiVersion);
  const version = apiVersion.slice(group.length).replace(/^\//, '');
  const defined = definitionOf(group, kind, all);
  return customKind({
    group,
    version,
    kind,
    plural: defined?.plural ?? `${kind.toLowerCase()}s`,
    namespaced: defined
      ? defined.namespaced
      : scopeOf(group, kind) !== 'Cluster' && !members.some(({ object }) => object && isOfCluster(object)),
    shortNames: defined?.shortNames,
  });
}

/** An API server gives a UID to all it holds, and a namespace to all that is in one. */
function isOfCluster({ metadata }: KubernetesObject): boolean {
  return metadata.uid !== undefined && metadata.namespace === undefined;
}

interface Definition {
  readonly plural: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
}

/** Of the CustomResourceDefinition beside it, if there is one. */
function definitionOf(group: string, kind: string, all: readonly Named[]): Definition | undefined {
  for (const { kind: type, object } of all) {
    if (type !== 'CustomResourceDefinition' || !isRecord(object?.spec)) continue;
    const { names, scope, group: defined } = object.spec;
    if (defined !== group || !isRecord(names) || names.kind !== kind || !isName(names.plural)) continue;
    const shortNames = Array.isArray(names.shortNames) ? names.shortNames.filter(isName) : [];
    return { plural: names.plural, namespaced: scope !== 'Cluster', shortNames };
  }
  return undefined;
}

function placed(object: KubernetesObject, { namespaced }: Kind, namespace: string): KubernetesObject {
  const { namespace: said, ...metadata } = object.metadata;
  if (!namespaced) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, namespace: isName(said) ? said : namespace } };
}

/** Every namespace that objects are in, or that is itself among them. */
export function namespacesOf({ objects }: Found): string[] {
  const used = [...objects.values()].flatMap((list) => list.map(({ metadata }) => metadata.namespace));
  const given = (objects.get(typeOf('', 'Namespace')) ?? []).map(({ metadata }) => metadata.name);
  return [...new Set([...used, ...given])].filter((each) => each !== undefined).toSorted();
}
