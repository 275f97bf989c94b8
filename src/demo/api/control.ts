// The fake API server's interface within the process: what tests and the demo do without HTTP.
import type { KubernetesObject } from '../../model.ts';
import { keyOf, read, type Stored, store, storeBytes } from './bytes.ts';
import type { Context } from './exchange.ts';
import { complete, type KindDefinition, kindOfDefinition, resourceName, type ServedKind } from './kinds.ts';
import { apiVersionOf } from './represent.ts';
import type { Backup, EventType } from './storage.ts';
import { createWriter, mergePatch, type ObjectName } from './write.ts';

export interface Control {
  /** Each takes objects with `kind` and `apiVersion` and returns the stored object. Failures are thrown as Status. */
  create(object: KubernetesObject): KubernetesObject;
  update(object: KubernetesObject, subresource?: 'status'): KubernetesObject;
  /** Creates or replaces it. */
  apply(object: KubernetesObject): KubernetesObject;
  /** By JSON merge patch. */
  patch(name: ObjectName, patch: object): KubernetesObject;
  delete(name: ObjectName): void;
  get(name: ObjectName): KubernetesObject | undefined;
  /** All objects of a resource such as `pods` or `deployments.apps`. */
  list(resource: string): KubernetesObject[];
  /** Stores many objects unchanged and without events; those without a version get one. */
  load(resource: string, objects: Iterable<KubernetesObject | Buffer>): number;
  /** Sends one of many events fast: the object's bytes unchanged, with its version, which must be the newest. */
  event(resource: string, type: EventType, object: Buffer): void;
  addKind(definition: KindDefinition): ServedKind;
  /** For example `widgets.acme.example.com`; its objects are removed and its watches end. */
  removeKind(resource: string): void;
  /** Sends a bookmark to all watches that accept them. */
  bookmark(): void;
  /** Drops history and running pages: older versions and tokens get 410 from now on. */
  compact(): void;
  /** The stored content, without kinds. */
  backup(): Backup;
  /** Restores a backup, or nothing with `empty`: versions continue from there, as after etcd was restored or replaced. */
  restore(backup: Backup | 'empty'): void;
  /** Marks the server of an aggregated group as unavailable, or as back. */
  setStale(group: string, stale: boolean): void;
  /** Makes a health check fail or pass. */
  setFailing(check: string, failing: boolean): void;
  /** Ends all watches in order, as after their timeout. */
  endWatches(): void;
  openWatches(): number;
  /** The newest version of anything. */
  version(): number;
  /** Replays a recorded watch stream of `resource`: the initial ADDED events at once, then one by one, bytes unchanged. */
  replay(resource: string, stream: string): Replay;
}

export interface Replay {
  /** Sends the next event or bookmark; false at the end. */
  next(): boolean;
  /** Sends everything left. */
  rest(): void;
  /** Version of the next event or bookmark; undefined at the end. Streams of one server are ordered by it. */
  readonly version: number | undefined;
}

export function createControl(context: Context): Control {
  return {
    ...objectControl(context),
    ...serverControl(context),
    load: (...all) => load(context, ...all),
    event: (resource, ...event) => apply(context, named(context, resource), ...event),
    replay: (...all) => replay(context, ...all),
  };
}

type ObjectControl = Pick<Control, 'create' | 'update' | 'apply' | 'patch' | 'delete' | 'get' | 'list'>;

function objectControl(context: Context): ObjectControl {
  const { kinds, storage } = context;
  const writer = createWriter(kinds, storage, context.clock);
  const full = (kind: ServedKind, stored: Stored) =>
    read(stored, kind.kind, apiVersionOf(kind, kind.versions[0] ?? 'v1'));
  const find = (name: ObjectName): KubernetesObject | undefined => {
    const kind = kindOf(context, name);
    const stored = storage.collection(kind.storedAs ?? resourceName(kind)).get(keyFor(name));
    return stored && full(kind, stored);
  };
  const create = (object: KubernetesObject) =>
    full(kindOf(context, object), writer.create(kindOf(context, object), object));
  const update: Control['update'] = (object, subresource) =>
    full(kindOf(context, object), writer.update(kindOf(context, object), object, subresource));
  return {
    create,
    update,
    apply: (object) => (find(object) ? update(object) : create(object)),
    patch: (name, patch) =>
      full(
        kindOf(context, name),
        writer.change(kindOf(context, name), keyFor(name), (object) => mergePatch(object, patch) as KubernetesObject),
      ),
    delete: (name) => void writer.remove(kindOf(context, name), keyFor(name)),
    get: find,
    list(resource) {
      const kind = named(context, resource);
      return storage
        .collection(kind.storedAs ?? resource)
        .sorted()
        .map((stored) => full(kind, stored));
    },
  };
}

function keyFor({ metadata }: ObjectName): string {
  return keyOf(metadata.namespace, metadata.name);
}

function kindOf({ kinds }: Context, { apiVersion = 'v1', kind = '' }: ObjectName): ServedKind {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const found = kinds.findKind(group, kind);
  if (!found) throw new Error(`${apiVersion} ${kind} is not served`);
  return found;
}

function named({ kinds }: Context, resource: string): ServedKind {
  const found = kinds.named(resource);
  if (!found) throw new Error(`${resource} is not served`);
  return found;
}

type ServerControl = Omit<Control, keyof ObjectControl | 'load' | 'event' | 'replay'>;

function serverControl(context: Context): ServerControl {
  const { kinds, storage, watches } = context;
  const toggle = (set: Set<string>, entry: string, on: boolean) => void (on ? set.add(entry) : set.delete(entry));
  return {
    addKind(definition) {
      const kind = complete(definition);
      kinds.add(kind);
      return kind;
    },
    removeKind(resource) {
      kinds.remove(resource);
      storage.drop(resource);
    },
    bookmark: () => watches.forEach((watch) => watch.bookmark(storage.version())),
    compact: () => storage.compact(),
    backup: () => storage.backup(),
    restore: (backup) => storage.restore(backup === 'empty' ? { version: 1, collections: new Map() } : backup),
    setStale: (group, stale) => toggle(context.staleGroups, group, stale),
    setFailing: (check, failing) => toggle(context.failingChecks, check, failing),
    endWatches: () => [...watches].forEach((watch) => watch.end()),
    openWatches: () => watches.size,
    version: () => storage.version(),
  };
}

function load(context: Context, resource: string, objects: Iterable<KubernetesObject | Buffer>): number {
  const { storage, kinds } = context;
  const kind = named(context, resource);
  const collection = storage.collection(kind.storedAs ?? resource);
  let count = 0;
  for (const object of objects) {
    const stored = Buffer.isBuffer(object) ? storeBytes(object) : store(withVersion(context, object));
    collection.load(stored);
    storage.raise(stored.version);
    if (kind.plural === 'customresourcedefinitions') kinds.add(kindOfDefinition(read(stored, kind.kind, 'v1')));
    count++;
  }
  // There is no history of lower versions.
  collection.floor = storage.version();
  return count;
}

function withVersion({ storage }: Context, object: KubernetesObject): KubernetesObject {
  if (object.metadata.resourceVersion) return object;
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(storage.next()) } };
}

function replay(context: Context, resource: string, stream: string): Replay {
  const kind = named(context, resource);
  const lines = stream.split('\n').filter((line) => line !== '');
  const burst = lines.findIndex((line) => !line.startsWith('{"type":"ADDED"'));
  const first = lines.splice(0, burst < 0 ? lines.length : burst);
  load(
    context,
    resource,
    first.map((line) => Buffer.from(objectText(line))),
  );
  const next = () => {
    const line = lines.shift();
    if (line !== undefined) replayLine(context, kind, line);
    return line !== undefined;
  };
  return {
    next,
    get version() {
      return lines[0] === undefined ? undefined : versionOfLine(lines[0]);
    },
    rest() {
      while (next());
    },
  };
}

function versionOfLine(line: string): number {
  return Number((JSON.parse(objectText(line)) as KubernetesObject).metadata.resourceVersion);
}

/** The object of `{"type":"…","object":{…}}` as unchanged bytes. */
function objectText(line: string): string {
  return line.slice(line.indexOf('"object":') + '"object":'.length, -1);
}

function replayLine(context: Context, kind: ServedKind, line: string): void {
  const type = /^\{"type":"([A-Z]+)"/.exec(line)?.[1] ?? '';
  if (type !== 'BOOKMARK') return apply(context, kind, type as EventType, Buffer.from(objectText(line)));
  const { object } = JSON.parse(line) as { object: KubernetesObject };
  const version = Number(object.metadata.resourceVersion);
  context.storage.raise(version);
  for (const watch of context.watches) if (watch.resource === resourceName(kind)) watch.bookmark(version);
}

function apply({ storage }: Context, kind: ServedKind, type: EventType, object: Buffer): void {
  const stored = storeBytes(object);
  storage.raise(stored.version);
  storage.collection(kind.storedAs ?? resourceName(kind)).apply(type, stored);
}
