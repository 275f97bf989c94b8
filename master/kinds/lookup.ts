// Finds a kind by any name people use: kind, plural, short name or 2015 name, in any case, with or without its group.

import { getOrMake } from '../../src/get-or-make.ts';
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
 * A lookup over `list` of all kinds that share a name, in the order of the list. A kind's own names win over another's
 * aliases.
 */
export function kindsNamed(list: readonly Kind[]): (name: string) => readonly Kind[] {
  const own = filed(list, (kind) => namesOf({ ...kind, aliases: [] }));
  const all = filed(list, namesOf);
  return (name) => own.get(name.toLowerCase()) ?? all.get(name.toLowerCase()) ?? [];
}

function filed(list: readonly Kind[], names: (kind: Kind) => readonly string[]): Map<string, Kind[]> {
  const byName = new Map<string, Kind[]>();
  for (const kind of list) for (const name of new Set(names(kind))) getOrMake(byName, name, () => []).push(kind);
  return byName;
}

/**
 * A lookup over `list`. Where two kinds share a bare name, such as the core Service and Knative's, it means the first of
 * the list.
 */
export function kindLookup(list: readonly Kind[]): (name: string) => Kind | undefined {
  const named = kindsNamed(list);
  return (name) => named(name)[0];
}
