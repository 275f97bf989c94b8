// Resolves an end of a claim: a name is fixed, a UID means one incarnation, a key is looked up in the index.
import { resourceId } from '../../../src/ids.ts';
import type { End, FirstEnd, KeyEnd, NameEnd, UidEnd } from '../../relations/relation.ts';
import type { EngineOptions } from '../contract.ts';
import { keyOf } from '../model/packed-ends.ts';
import type { Vertex } from '../model/vertex.ts';
import type { Facts } from './facts.ts';
import type { Vertices } from './vertices.ts';

export interface Resolver {
  readonly clusterId: string;
  /** An end that never changes; no end means the speaker. */
  fixed(end: End | undefined, speaker: Vertex): Vertex;
  resolve(end: End | undefined, speaker: Vertex): Vertex | undefined;
  /** Vertices whose presence decides what the end resolves to. */
  awaitedBy(end: End | undefined): Vertex[];
  /** Keys that decide what the end resolves to. */
  keysOf(end: End | undefined): string[];
  /** All candidates for an end that must be one object, if there are several. */
  ambiguous(end: End | undefined): readonly Vertex[] | undefined;
  /** False if the key had that value already. */
  setKey(key: string, id: string | undefined): boolean;
  /** All keys and their values. */
  keys(): Iterable<{ readonly index: string; readonly key: string; readonly id: string }>;
}

export function createResolver(vertices: Vertices, facts: Facts, options: EngineOptions): Resolver {
  const clusterId = resourceId('Cluster', options.clusterName);
  const keys = new Map<string, string>();

  function fixed(end: End | undefined, speaker: Vertex): Vertex {
    if (!end) return speaker;
    if (end.by === 'cluster') return vertices.named(clusterId, 'Cluster', '', options.clusterName);
    return byName(end as NameEnd);
  }

  function byName({ type, name, namespace = '', id }: Pick<NameEnd, 'type' | 'name' | 'namespace' | 'id'>): Vertex {
    return vertices.named(id ?? resourceId(type, name, namespace), type, namespace, name);
  }

  /** The vertices with the name that was given with a UID. */
  function namesakes({ type, name, namespace = '', scope }: UidEnd): Vertex[] {
    const named = byName({ type, name, namespace });
    if (scope !== 'either' || !namespace || options.namespacedTypes?.has(type)) return [named];
    return [named, byName({ type, name })];
  }

  function incarnation(end: UidEnd): Vertex {
    const named = namesakes(end);
    const it = named.find(
      (vertex) => vertex.present && (vertex.uid === end.uid || vertex.uid === '' || end.uid === ''),
    );
    if (it) return it;
    const first = named.find((vertex) => !vertex.present && likelyScope(vertex, end)) ?? (named[0] as Vertex);
    if (!first.present) return first;
    // The name belongs to another incarnation, so the wanted one is a missing resource of its own.
    return vertices.named(`${first.id}@${end.uid}`, first.type, first.namespace, first.name);
  }

  /** Assumed scope of an absent owner: namespaced, unless its type is known as cluster-scoped only. */
  function likelyScope(vertex: Vertex, end: UidEnd): boolean {
    if (end.scope !== 'either') return true;
    return (options.clusterScoped?.(vertex.type) ?? false) === (vertex.namespace === '');
  }

  function keyed({ index, key, only }: KeyEnd): Vertex | undefined {
    const id = keys.get(keyOf(index, key));
    if (id !== undefined) return vertices.get(id);
    const stated = facts.statedBy(keyOf(index, key));
    return only && stated.length > 1 ? undefined : stated[0];
  }

  function first({ of, otherwise }: FirstEnd): Vertex | undefined {
    for (const each of of) {
      const vertex = each.by === 'key' ? keyed(each) : byName(each);
      if (vertex?.present) return vertex;
    }
    return otherwise && byName(otherwise);
  }

  function resolve(end: End | undefined, speaker: Vertex): Vertex | undefined {
    if (end?.by === 'uid') return incarnation(end);
    if (end?.by === 'key') return keyed(end);
    return end?.by === 'first' ? first(end) : fixed(end, speaker);
  }

  return {
    clusterId,
    fixed,
    resolve,
    awaitedBy(end) {
      if (end?.by === 'uid') return namesakes(end);
      return end?.by === 'first' ? end.of.flatMap((each) => (each.by === 'name' ? [byName(each)] : [])) : [];
    },
    keysOf(end) {
      if (end?.by === 'key') return [keyOf(end.index, end.key)];
      return end?.by === 'first'
        ? end.of.flatMap((each) => (each.by === 'key' ? [keyOf(each.index, each.key)] : []))
        : [];
    },
    ambiguous(end) {
      if (end?.by !== 'key' || !end.only) return undefined;
      const stated = facts.statedBy(keyOf(end.index, end.key));
      return stated.length > 1 ? stated : undefined;
    },
    *keys() {
      for (const [full, id] of keys) yield { ...indexed(full), id };
    },
    setKey(key, id) {
      if (keys.get(key) === id) return false;
      if (id === undefined) keys.delete(key);
      else keys.set(key, id);
      return true;
    },
  };
}

/** Index names contain no space. */
function indexed(full: string): { readonly index: string; readonly key: string } {
  const space = full.indexOf(' ');
  return { index: full.slice(0, space), key: full.slice(space + 1) };
}
