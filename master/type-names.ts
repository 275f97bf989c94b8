// Which type people mean: kinds of the registry and of discovery under any of their names, and the types that no API
// lists: containers, images, processes, and what exists by being named.

import { scopeOf } from '../src/scopes.ts';
import type { Kind } from './kinds/kind.ts';
import { kindLookup, typeOfKind } from './kinds/lookup.ts';
import { virtualTypes } from './relations/virtual.ts';

const parts = ['Container', 'Image', 'Process'] as const;

export interface TypeNames {
  /** Learns a kind that discovery found. */
  add(kind: Kind): void;
  find(name: string): string | undefined;
  /** False where a kind says that it is in namespaces, and for what nobody knows. */
  clusterScoped(type: string): boolean;
}

export function createTypeNames(registry: readonly Kind[]): TypeNames {
  const kinds = new Map(registry.map((kind) => [typeOfKind(kind), kind]));
  const others = new Map(
    [...parts, ...Object.keys(virtualTypes)].flatMap((type) =>
      [type, pluralOf(type)].map((name) => [name.toLowerCase(), type]),
    ),
  );
  let lookup = kindLookup([...kinds.values()]);
  return {
    add(kind) {
      if (kinds.has(typeOfKind(kind))) return;
      kinds.set(typeOfKind(kind), kind);
      lookup = kindLookup([...kinds.values()]);
    },
    find(name) {
      const kind = lookup(name);
      return kind ? typeOfKind(kind) : others.get(name.toLowerCase());
    },
    clusterScoped(type) {
      const kind = kinds.get(type);
      if (kind) return !kind.namespaced;
      const dot = type.indexOf('.');
      return dot > 0 && scopeOf(type.slice(dot + 1), type.slice(0, dot)) === 'Cluster';
    },
  };
}

function pluralOf(type: string): string {
  if (type.endsWith('s')) return `${type}es`;
  return type.endsWith('y') ? `${type.slice(0, -1)}ies` : `${type}s`;
}
