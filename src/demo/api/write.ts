// Create, update, patch and delete, with the checks and bookkeeping that clients rely on.
import { randomBytes, randomUUID } from 'node:crypto';
import type { KubernetesObject } from '../../model.ts';
import { keyOf, read, type Stored, store } from './bytes.ts';
import { type KindRegistry, kindOfDefinition, resourceName, type ServedKind } from './kinds.ts';
import { apiVersionOf } from './represent.ts';
import { alreadyExists, conflict, invalid, notFound } from './status.ts';
import type { EventType, Storage } from './storage.ts';
import { validated } from './validate.ts';

type Mutable = { -readonly [key in keyof KubernetesObject]: KubernetesObject[key] };
type Fields = { [field: string]: unknown };

/** Identifies an object, with the fields of its type and metadata. */
export interface ObjectName {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export interface Writer {
  create(kind: ServedKind, object: KubernetesObject): Stored;
  /** Replaces an object or only its `status`. A version in it must be the current one. */
  update(kind: ServedKind, object: KubernetesObject, subresource?: string): Stored;
  /** Changes an object through a function; an unchanged object is no event. */
  change(
    kind: ServedKind,
    key: string,
    change: (object: KubernetesObject) => KubernetesObject,
    subresource?: string,
  ): Stored;
  /** Deletes it, or marks it for deletion while finalizers remain. */
  remove(kind: ServedKind, key: string): Stored;
}

/** `dry` computes and checks the result without storing it. */
export function createWriter(kinds: KindRegistry, storage: Storage, clock: () => number, dry = false): Writer {
  const collectionOf = (kind: ServedKind) => storage.collection(kind.storedAs ?? resourceName(kind));
  const put = (kind: ServedKind, type: EventType, object: KubernetesObject): Stored => {
    if (dry) return store(object);
    const metadata = { ...object.metadata, resourceVersion: String(storage.next()) };
    const stored = store({ ...object, metadata });
    collectionOf(kind).apply(type, stored);
    afterwards(kinds, storage, kind, type, object);
    return stored;
  };
  const change: Writer['change'] = (kind, key, alter, subresource) => {
    const found = collectionOf(kind).get(key);
    if (!found) throw notFound({ ...kind, name: key.slice(key.indexOf('/') + 1) });
    const before = read(found, kind.kind, apiVersionOf(kind, kind.versions[0] ?? 'v1'));
    const altered = alter(before);
    checkUid(kind, before, altered);
    const after = validated(kind, before, kept(before, altered, subresource), subresource);
    checkVersion(kind, before, after);
    if (sameContent(before, after)) return found;
    if (after.metadata.deletionTimestamp && !hasFinalizers(after)) return put(kind, 'DELETED', after);
    return put(kind, 'MODIFIED', bumped(before, after));
  };
  return {
    change,
    create(kind, object) {
      const named = withName(kind, object);
      if (collectionOf(kind).get(keyOf(named.metadata.namespace, named.metadata.name))) {
        throw alreadyExists({ ...kind, name: named.metadata.name });
      }
      return put(kind, 'ADDED', initial(kind, named, clock()));
    },
    update: (kind, object, subresource) =>
      change(kind, keyOf(object.metadata.namespace, object.metadata.name), () => object, subresource),
    remove(kind, key) {
      const found = collectionOf(kind).get(key);
      if (!found) throw notFound({ ...kind, name: key.slice(key.indexOf('/') + 1) });
      const object = read(found, kind.kind, apiVersionOf(kind, kind.versions[0] ?? 'v1'));
      if (!hasFinalizers(object)) return put(kind, 'DELETED', object);
      if (object.metadata.deletionTimestamp) return found;
      const metadata = { ...object.metadata, deletionTimestamp: timestamp(clock()), deletionGracePeriodSeconds: 0 };
      return put(kind, 'MODIFIED', { ...object, metadata });
    },
  };
}

/** API times have a precision of seconds. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function hasFinalizers(object: KubernetesObject): boolean {
  return Array.isArray(object.metadata['finalizers']) && object.metadata['finalizers'].length > 0;
}

function withName(kind: ServedKind, object: KubernetesObject): KubernetesObject {
  if (object.metadata?.name) return object;
  const prefix = object.metadata?.generateName;
  const problem = 'Required value: name or generateName is required';
  if (!prefix) throw invalid({ ...kind }, 'metadata.name', problem);
  return {
    ...object,
    metadata: { ...object.metadata, name: `${prefix}${randomBytes(3).toString('hex').slice(0, 5)}` },
  };
}

/** Fields that the API server sets in a new object. */
function initial(kind: ServedKind, object: KubernetesObject, now: number): KubernetesObject {
  const { name, generateName, namespace, uid, creationTimestamp, ...rest } = object.metadata;
  const identity = {
    name,
    ...(generateName && { generateName }),
    ...(kind.namespaced && { namespace: namespace ?? 'default' }),
  };
  const birth = { uid: uid ?? randomUUID(), creationTimestamp: creationTimestamp ?? timestamp(now) };
  const generation = object['spec'] === undefined ? {} : { generation: 1 };
  const made = { ...object, metadata: { ...identity, ...birth, ...generation, ...rest } };
  return kind.plural === 'customresourcedefinitions' ? established(made, now) : made;
}

/** A definition is effective at once; the real server takes a moment. */
function established(definition: KubernetesObject, now: number): KubernetesObject {
  if (definition['status'] !== undefined) return definition;
  const at = { status: 'True', lastTransitionTime: timestamp(now) };
  const conditions = [
    { type: 'NamesAccepted', ...at, reason: 'NoConflicts', message: 'no conflicts found' },
    { type: 'Established', ...at, reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' },
  ];
  const { names, versions } = definition['spec'] as { names: object; versions: { name: string; storage?: boolean }[] };
  const storedVersions = versions.filter((version) => version.storage).map((version) => version.name);
  return { ...definition, status: { conditions, acceptedNames: names, storedVersions } };
}

/**
 * Keeps what an update may not change: through `status` only the status changes, otherwise all but it, if the kind has that
 * subresource.
 */
function kept(before: KubernetesObject, after: KubernetesObject, subresource: string | undefined): KubernetesObject {
  if (subresource === 'status') return { ...before, metadata: versionOf(before, after), status: after['status'] };
  const { uid, creationTimestamp, generation } = before.metadata;
  const constant = {
    ...(uid && { uid }),
    ...(creationTimestamp && { creationTimestamp }),
    ...(generation !== undefined && { generation }),
  };
  return { ...after, metadata: { ...after.metadata, ...constant } };
}

function versionOf(before: KubernetesObject, after: KubernetesObject): KubernetesObject['metadata'] {
  const version = after.metadata?.resourceVersion;
  return { ...before.metadata, ...(version && { resourceVersion: version }) };
}

/** A UID in the request is a precondition. */
function checkUid(kind: ServedKind, before: KubernetesObject, after: KubernetesObject): void {
  const [is, wanted] = [before.metadata.uid, after.metadata?.uid];
  if (!wanted || !is || wanted === is) return;
  throw conflict(
    { ...kind, name: before.metadata.name },
    `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${is}`,
  );
}

function checkVersion(kind: ServedKind, before: KubernetesObject, after: KubernetesObject): void {
  const wanted = after.metadata.resourceVersion;
  if (wanted && wanted !== before.metadata.resourceVersion) throw conflict({ ...kind, name: before.metadata.name });
}

function sameContent(before: KubernetesObject, after: KubernetesObject): boolean {
  return sameJson(withoutVersion(before), withoutVersion(after));
}

/** Compares as JSON, ignoring the order of keys. Length or text usually decides. */
function sameJson(before: unknown, after: unknown): boolean {
  const one = JSON.stringify(before ?? null);
  const other = JSON.stringify(after ?? null);
  if (one.length !== other.length) return false;
  return one === other || JSON.stringify(sortKeys(before)) === JSON.stringify(sortKeys(after));
}

function withoutVersion(object: KubernetesObject): unknown {
  const { resourceVersion: _version, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as Fields)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}

/** `metadata.generation` counts changes of the spec. */
function bumped(before: KubernetesObject, after: KubernetesObject): KubernetesObject {
  const generation = before.metadata['generation'];
  if (typeof generation !== 'number') return after;
  if (sameJson(before['spec'], after['spec'])) return after;
  return { ...after, metadata: { ...after.metadata, generation: generation + 1 } };
}

/** Applies CustomResourceDefinitions: their kind is served, changed, or removed with all objects. */
function afterwards(kinds: KindRegistry, storage: Storage, kind: ServedKind, type: EventType, object: Mutable): void {
  if (kind.plural !== 'customresourcedefinitions') return;
  const defined = kindOfDefinition(object);
  if (type !== 'DELETED') return kinds.add(defined);
  kinds.remove(resourceName(defined));
  storage.drop(resourceName(defined));
}

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Fields =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...(target as Fields) } : {};
  for (const [key, value] of Object.entries(patch as Fields)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/**
 * Keys by which a strategic merge matches list elements, most specific first. The real server takes them from its types.
 */
const mergeKeys = ['name', 'containerPort', 'port', 'uid', 'key', 'type', 'mountPath', 'ip'];

/** Strategic merge without special directives: matches list elements by key. */
export function strategicMerge(target: unknown, patch: unknown): unknown {
  if (Array.isArray(patch) && Array.isArray(target)) return mergeLists(target, patch);
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  if ((patch as Fields)['$patch'] === 'replace') return without(patch as Fields, '$patch');
  const result: Fields =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...(target as Fields) } : {};
  for (const [key, value] of Object.entries(patch as Fields)) {
    if (key.startsWith('$')) continue;
    if (value === null) delete result[key];
    else result[key] = strategicMerge(result[key], value);
  }
  return result;
}

function without(object: Fields, key: string): Fields {
  const { [key]: _left, ...rest } = object;
  return rest;
}

function mergeLists(target: readonly unknown[], patch: readonly unknown[]): unknown[] {
  const items = [...target, ...patch];
  const key = mergeKeys.find((candidate) => items.every((entry) => hasKey(entry, candidate)));
  if (!key || patch.length === 0) return [...patch];
  const result = [...target] as Fields[];
  for (const change of patch as Fields[]) mergeItem(result, change, key);
  return result;
}

function mergeItem(result: Fields[], change: Fields, key: string): void {
  const at = result.findIndex((entry) => entry[key] === change[key]);
  if (change['$patch'] === 'delete') return void (at >= 0 && result.splice(at, 1));
  if (at < 0) result.push(change);
  else result[at] = strategicMerge(result[at], change) as Fields;
}

function hasKey(entry: unknown, key: string): boolean {
  return typeof entry === 'object' && entry !== null && Object.hasOwn(entry, key);
}
