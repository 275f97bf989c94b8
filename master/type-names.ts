// The types that a name may mean: registered and discovered kinds under all their names, and types without an API:
// containers, images, processes, and those that exist by being named.

import { scopeOf } from '../src/scopes.ts';
import type { Kind } from './kinds/kind.ts';
import { kindsNamed, typeOfKind } from './kinds/lookup.ts';
import { virtualTypes } from './relations/virtual.ts';

const parts = ['Container', 'Image', 'Process'] as const;

export interface TypeNames {
  /** Adds a discovered kind. */
  add(kind: Kind): void;
  /**
   * All types of a name, sorted; none if unknown. The exact spelling of a kind means that kind, and a name of a built-in
   * kind means the built-in one, like kubectl; otherwise nothing is preferred.
   */
  meant(name: string): readonly string[];
  /** The only type of a name; undefined if none or several. */
  find(name: string): string | undefined;
  /** False for namespaced and unknown kinds. */
  clusterScoped(type: string): boolean;
}

export function createTypeNames(registry: readonly Kind[]): TypeNames {
  const kinds = new Map(registry.map((kind) => [typeOfKind(kind), kind]));
  const others = new Map(
    [...parts, ...Object.keys(virtualTypes)].flatMap((type) =>
      [type, pluralOf(type)].map((name) => [name.toLowerCase(), type] as const),
    ),
  );
  let lookup = kindsNamed([...kinds.values()]);
  const meant = (name: string): readonly string[] => {
    if (kinds.has(name)) return [name];
    // kubectl's `deployments.v1.apps`: here every version of a kind is one type.
    const found = lookup(name.replace(/\.v\d+(?:(?:alpha|beta)\d+)?(?=\.)/, ''));
    const builtIn = found.filter((kind) => typeOfKind(kind) === kind.kind).slice(0, 1);
    const types = (builtIn.length > 0 ? builtIn : found).map(typeOfKind);
    const other = builtIn.length > 0 ? undefined : others.get(name.toLowerCase());
    return [...new Set([...types, ...(other === undefined ? [] : [other])])].sort();
  };
  return {
    add(kind) {
      if (kinds.has(typeOfKind(kind))) return;
      kinds.set(typeOfKind(kind), kind);
      lookup = kindsNamed([...kinds.values()]);
    },
    meant,
    find(name) {
      const [type, ...more] = meant(name);
      return more.length === 0 ? type : undefined;
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
