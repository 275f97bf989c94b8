// A map by vertex that may contain all vertices, split by namespace. One large map doubles now and then, and moving a
// hundred thousand entries blocks for tens of milliseconds. Related vertices are mostly in one namespace, so lookups stay
// local.
import type { Vertex } from './vertex.ts';

export interface VertexMap<T> {
  get(vertex: Vertex): T | undefined;
  has(vertex: Vertex): boolean;
  set(vertex: Vertex, value: T): void;
  delete(vertex: Vertex): void;
  keys(): Iterable<Vertex>;
}

export function createVertexMap<T>(): VertexMap<T> {
  const byNamespace = new Map<string, Map<Vertex, T>>();

  return {
    get: (vertex) => byNamespace.get(vertex.namespace)?.get(vertex),
    has: (vertex) => byNamespace.get(vertex.namespace)?.has(vertex) ?? false,
    set(vertex, value) {
      const of = byNamespace.get(vertex.namespace);
      if (of) of.set(vertex, value);
      else byNamespace.set(vertex.namespace, new Map([[vertex, value]]));
    },
    delete: (vertex) => void byNamespace.get(vertex.namespace)?.delete(vertex),
    *keys() {
      for (const of of byNamespace.values()) yield* of.keys();
    },
  };
}

export interface VertexSet extends Pick<VertexMap<true>, 'has' | 'keys'> {
  add(vertex: Vertex): void;
}

export function createVertexSet(): VertexSet {
  const map = createVertexMap<true>();
  return { has: map.has, keys: map.keys, add: (vertex) => map.set(vertex, true) };
}
