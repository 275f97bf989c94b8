// Finds a kind by any user's name: kind, plural, short name or 2015 name, ignoring case, with or without group.

import { getOrMake } from '../../src/get-or-make.ts';
import { typeOf } from '../../src/ids.ts';
import type { Kind } from './kind.ts';

/** The type of its resources: `Pod`, `HTTPRoute.gateway.networking.k8s.io`. */
export function typeOfKind(kind: Kind): string {
  return typeOf(kind.group, kind.kind);
}

/** All its names in lower case. Those with a group come first: they are unambiguous. */
function namesOf(kind: Kind): readonly string[] {
  const bare = [kind.kind, kind.plural, ...(kind.aliases ?? [])];
  const qualified = kind.group === '' ? [] : bare.map((name) => `${name}.${kind.group}`);
  return [...qualified, ...bare].map((name) => name.toLowerCase());
}

/** Looks up all kinds of a name, in the order of `list`. A kind's own names precede other kinds' aliases. */
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

/** Looks up a kind. If several share a name, such as the core Service and Knative's, the first in `list` wins. */
export function kindLookup(list: readonly Kind[]): (name: string) => Kind | undefined {
  const named = kindsNamed(list);
  return (name) => named(name)[0];
}
