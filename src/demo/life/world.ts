// Tools of the demo's controllers: objects by owner, a clock, random numbers and fresh names.
import type { KubernetesObject } from '../../model.ts';
import type { ApiServer } from '../api-server.ts';
import { uidOf } from '../seed/make.ts';

export interface World {
  readonly server: ApiServer;
  /** All objects of a resource; parsed again only after changes. Read-only. */
  list(resource: string): readonly KubernetesObject[];
  /** The current time in API format. */
  now(): string;
  /** In [0, 1). */
  random(): number;
  /** Creates an object; its name may have existed before, its UID never. */
  create(object: KubernetesObject): KubernetesObject;
  /** Five letters for a generated name. */
  suffix(): string;
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

export function createWorld(server: ApiServer, clock: () => number, random: () => number): World {
  const lists = new Map<string, { readonly version: number; readonly objects: readonly KubernetesObject[] }>();
  return {
    server,
    list(resource) {
      const version = server.version();
      const found = lists.get(resource);
      if (found?.version === version) return found.objects;
      const objects = server.list(resource);
      lists.set(resource, { version, objects });
      return objects;
    },
    random,
    create: (object) =>
      server.create({
        ...object,
        metadata: { ...object.metadata, uid: uidOf(object.metadata.name, String(random())) },
      }),
    now: () => `${new Date(clock()).toISOString().slice(0, 19)}Z`,
    suffix: () => Array.from({ length: 5 }, () => alphabet[Math.floor(random() * alphabet.length)]).join(''),
  };
}

/** Numbers in [0, 1), determined by the seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function ownedObjects(objects: readonly KubernetesObject[], owner: KubernetesObject): KubernetesObject[] {
  return objects.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid));
}

export type Counts = { readonly [field: string]: number };

/** Sets counts in a status if they differ; an absent count is zero. */
export function reportCounts(server: ApiServer, object: KubernetesObject, counts: Counts): void {
  const status = (object['status'] ?? {}) as Counts;
  const changed = Object.entries(counts).filter(([field, count]) => (status[field] ?? 0) !== count);
  if (changed.length > 0) server.patch(named(object), { status: Object.fromEntries(changed) });
}

/** An object's name and type. */
export function named({ apiVersion = 'v1', kind = '', metadata }: KubernetesObject) {
  const { name, namespace } = metadata;
  return { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } };
}
