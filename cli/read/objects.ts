// API objects in documents, completed with defaults that an API server would add.

import { customKind } from '../../master/kinds/custom.ts';
import { kinds } from '../../master/kinds/index.ts';
import type { Kind } from '../../master/kinds/kind.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import { isName, isRecord } from '../../src/fields.ts';
import { groupOf, typeOf, typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { scopeOf } from '../../src/scopes.ts';
import { kindOfPath, type SaidKind } from './kind-of-path.ts';
import type { LeftOut } from './left-out.ts';
import { newestOf } from './newest.ts';
import { isTemplate, objectsOf } from './template.ts';

/** Objects by type: an empty list means that the type was read and had none. */
export interface Found {
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly objects: ReadonlyMap<string, readonly KubernetesObject[]>;
}

export interface Document {
  readonly value: unknown;
  /** Its file, as shown to users. */
  readonly path: string;
  /** Its first line, counted from 1. */
  readonly line: number;
}

interface Named {
  readonly apiVersion: string;
  readonly kind: string;
  /** Undefined for an empty list. */
  readonly object?: KubernetesObject;
  readonly place: string;
}

/** `namespace`: for namespaced objects without one. Anything else is reported to `leftOut`. */
export function sortOut(documents: Iterable<Document>, namespace: string, leftOut: LeftOut): Found {
  const named = [...documents].flatMap((document) => [...createFinder(document, leftOut).namedIn(document.value)]);
  const byType = Map.groupBy(named, ({ apiVersion, kind }) => typeOfReference(apiVersion, kind));
  const found = new Map([...byType].map(([type, members]) => [type, kindOf(type, members, named)]));
  const objects = [...byType].map(([type, members]) => {
    const kind = found.get(type) as Kind;
    if (kind.scopeUnknown) leftOut.say(assumption(type, members.length, namespace));
    const all = members.flatMap(({ object, place }) =>
      object ? [{ object: placed(object, kind, namespace), place }] : [],
    );
    return [type, newestOf(all, (older) => leftOut.add(reasons.older, older.place))] as const;
  });
  return { kinds: found, objects: new Map(objects) };
}

function assumption(type: string, count: number, namespace: string): string {
  const last = 'give its CustomResourceDefinition with -f, too, to have it known';
  return `${type} (${count}): nothing says whether it is in namespaces; shown in ${namespace} as a guess: ${last}`;
}

const reasons = {
  nothing: 'it is not an object',
  kindless: 'it has no apiVersion and kind',
  nameless: 'it has no name',
  placeless: 'its namespace is not text',
  hook: 'it is a Helm hook or test, which does not stay',
  plan: 'it is an object of a Template that a cluster keeps, and so only a plan',
  older: 'another state of the same object is newer, or was given later',
} as const;

/** Finds the objects of one document. */
function createFinder({ path, line }: Document, leftOut: LeftOut) {
  const place = `${path}:${line}`;

  function* namedIn(value: unknown, inherited?: SaidKind): Generator<Named> {
    if (Array.isArray(value)) {
      const kind = inherited ?? kindOfPath(path);
      for (const each of value) yield* namedIn(each, kind);
    } else if (isRecord(value)) yield* inRecord(value, inherited);
    else leftOut.add(reasons.nothing, place);
  }

  function* inRecord(value: Fields, inherited: SaidKind | undefined): Generator<Named> {
    const apiVersion = isName(value.apiVersion) ? value.apiVersion : inherited?.apiVersion;
    const kind = isName(value.kind) ? value.kind : inherited?.kind;
    const isList = Array.isArray(value.items) || value.items === null;
    if (isList && kind === undefined) return yield* ofList(kindOfPath(path), value);
    if (apiVersion === undefined || kind === undefined) return leftOut.add(reasons.kindless, place);
    if (isList && kind.endsWith('List')) return yield* ofList(memberOf(apiVersion, kind), value);
    const object = { ...value, apiVersion, kind };
    const problem = problemOf(object);
    if (problem === undefined) yield { apiVersion, kind, object: object as unknown as KubernetesObject, place };
    else leftOut.add(problem, place);
    if (isTemplate(object)) for (const each of objectsOf(object)) yield* namedIn(each);
    else if (kind === 'Template' && Array.isArray(value.objects))
      for (const _ of value.objects) leftOut.add(reasons.plan, place);
  }

  /** Items of a `PodList` do not tell their kind; those of a plain `List` do. */
  function* ofList(member: SaidKind | undefined, { items }: Fields): Generator<Named> {
    if (member) yield { ...member, place };
    yield* namedIn(items ?? [], member);
  }

  return { namedIn };
}

type Fields = { readonly [field: string]: unknown };

function memberOf(apiVersion: string, list: string): SaidKind | undefined {
  const kind = list.slice(0, -'List'.length);
  return kind === '' ? undefined : { apiVersion, kind };
}

function problemOf({ metadata }: Fields): string | undefined {
  if (!isRecord(metadata) || !isName(metadata.name)) return reasons.nameless;
  if (typeof (metadata.namespace ?? '') !== 'string') return reasons.placeless;
  return isHook(metadata) ? reasons.hook : undefined;
}

/** Helm hooks, as from `helm template`. An object from an API server always counts. */
function isHook({ annotations, uid }: Fields): boolean {
  const hook = isRecord(annotations) ? annotations['helm.sh/hook'] : undefined;
  return uid === undefined && isName(hook) && hook !== 'crd-install';
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
    ...(defined ? { namespaced: defined.namespaced } : likelyScope(group, kind, members)),
    shortNames: defined?.shortNames,
  });
}

/** In order: what an API server set, what is known of the kind, what other objects show. */
function likelyScope(group: string, kind: string, members: readonly Named[]) {
  const places = members.flatMap(({ object }) => object?.metadata ?? []);
  // An API server gives every object a UID, and a namespace if it is namespaced.
  const [served] = places.filter(({ uid }) => uid !== undefined);
  if (served) return { namespaced: isName(served.namespace) };
  if (scopeOf(group, kind) === 'Cluster') return { namespaced: false };
  const isUnknown = places.length > 0 && !places.some(({ namespace }) => isName(namespace));
  return { namespaced: true, ...(isUnknown && { scopeUnknown: true as const }) };
}

interface Definition {
  readonly plural: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
}

/** From its CustomResourceDefinition among the objects, if any. */
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

/** All namespaces that contain an object or are one. */
export function namespacesOf({ objects }: Found): string[] {
  const used = [...objects.values()].flatMap((list) => list.map(({ metadata }) => metadata.namespace));
  const given = (objects.get(typeOf('', 'Namespace')) ?? []).map(({ metadata }) => metadata.name);
  return [...new Set([...used, ...given])].filter((each) => each !== undefined).toSorted();
}
