// Finds what the end of a claim means now: by name always the same, by UID the incarnation that is meant, by key what the
// index says.
import { resourceId } from '../../../src/ids.ts';
import type { End, UidEnd } from '../../relations/relation.ts';
import type { EngineOptions } from '../contract.ts';
import type { Vertex } from '../model/vertex.ts';
import type { Vertices } from './vertices.ts';

export interface Resolver {
  readonly clusterId: string;
  /** An end that means the same whatever happens; none is the speaker itself. */
  fixed(end: End | undefined, speaker: Vertex): Vertex;
  resolve(end: End | undefined, speaker: Vertex): Vertex | undefined;
  namesakes(end: UidEnd): Vertex[];
  /** False where it stood for that already. */
  setKey(key: string, id: string | undefined): boolean;
}

export function createResolver(vertices: Vertices, options: EngineOptions): Resolver {
  const clusterId = resourceId('Cluster', options.clusterName);
  const keys = new Map<string, string>();

  function fixed(end: End | undefined, speaker: Vertex): Vertex {
    if (!end) return speaker;
    if (end.by === 'cluster') return vertices.named(clusterId, 'Cluster', '', options.clusterName);
    const { type, name, namespace = '' } = end as { type: string; name: string; namespace?: string };
    return vertices.named(resourceId(type, name, namespace), type, namespace, name);
  }

  /** The vertices that bear the name which a UID was given with. */
  function namesakes({ type, name, namespace = '', scope }: UidEnd): Vertex[] {
    const named = vertices.named(resourceId(type, name, namespace), type, namespace, name);
    if (scope !== 'either' || !namespace || options.namespacedTypes?.has(type)) return [named];
    return [named, vertices.named(resourceId(type, name), type, '', name)];
  }

  function incarnation(end: UidEnd): Vertex {
    const named = namesakes(end);
    const it = named.find(
      (vertex) => vertex.present && (vertex.uid === end.uid || vertex.uid === '' || end.uid === ''),
    );
    if (it) return it;
    const first = named.find((vertex) => !vertex.present && likelyScope(vertex, end)) ?? (named[0] as Vertex);
    if (!first.present) return first;
    // The name is taken by another incarnation: the one that is meant is missing beside it.
    return vertices.named(`${first.id}@${end.uid}`, first.type, first.namespace, first.name);
  }

  /** An owner that is not there: in a namespace, unless its type is known only outside of namespaces. */
  function likelyScope(vertex: Vertex, end: UidEnd): boolean {
    if (end.scope !== 'either') return true;
    return (options.clusterScoped?.(vertex.type) ?? false) === (vertex.namespace === '');
  }

  function resolve(end: End | undefined, speaker: Vertex): Vertex | undefined {
    if (end?.by === 'uid') return incarnation(end);
    if (end?.by !== 'key') return fixed(end, speaker);
    const id = keys.get(keyOf(end.index, end.key));
    return id === undefined ? undefined : vertices.get(id);
  }

  return {
    clusterId,
    fixed,
    resolve,
    namesakes,
    setKey(key, id) {
      if (keys.get(key) === id) return false;
      if (id === undefined) keys.delete(key);
      else keys.set(key, id);
      return true;
    },
  };
}

export function keyOf(index: string, key: string): string {
  return `${index} ${key}`;
}
