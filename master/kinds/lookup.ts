// Finds a kind by any name people use: kind, plural, short name or 2015 name, in any case, with or without its group.

import { typeOf } from '../../src/ids.ts';
import type { Kind } from './kind.ts';

/** The type of a kind's resources: `Pod`, `HTTPRoute.gateway.networking.k8s.io`. */
export function typeOfKind(kind: Kind): string {
  return typeOf(kind.group, kind.kind);
}

/** Every name of a kind, lower case. Those with a group come first: they mean no other kind. */
function namesOf(kind: Kind): readonly string[] {
  const bare = [kind.kind, kind.plural, ...(kind.aliases ?? [])];
  const qualified = kind.group === '' ? [] : bare.map((name) => `${name}.${kind.group}`);
  return [...qualified, ...bare].map((name) => name.toLowerCase());
}

/**
 * A lookup over `list`. Where two kinds share a bare name, such as the core Service and Knative's, it means the first of
 * the list; a kind's own names win over another's aliases.
 */
export function kindLookup(list: readonly Kind[]): (name: string) => Kind | undefined {
  const byName = new Map<string, Kind>();
  const add = (name: string, kind: Kind) => void (byName.has(name) || byName.set(name, kind));
  for (const kind of list) for (const name of namesOf({ ...kind, aliases: [] })) add(name, kind);
  for (const kind of list) for (const name of namesOf(kind)) add(name, kind);
  return (name) => byName.get(name.toLowerCase());
}
