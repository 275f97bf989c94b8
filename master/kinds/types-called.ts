// The types that a user's kind name may mean, with or without group.
import { parseWildcards, type Wildcards } from '../graph/questions/wildcard.ts';
import { kinds } from './index.ts';
import { typeOfKind } from './lookup.ts';

const byKind = new Map<string, string[]>();
for (const kind of kinds) byKind.set(kind.kind, [...(byKind.get(kind.kind) ?? []), typeOfKind(kind)]);

/** `HTTPRoute` becomes `HTTPRoute.gateway.networking.k8s.io`; unknown names and those with a group or `*` stay. */
export function typesCalled(name: string): readonly string[] {
  const types = byKind.get(name) ?? [];
  // Service means the core's, although another group has one.
  return types.length === 0 || types.includes(name) ? [name] : types;
}

/** A list of such names, with `*` and `!` as usual. @throws Fault `bad_parameter`. */
export function typeListOf(list: string, parameter: string): Wildcards {
  const names = list.split(',').map((each) => each.trim());
  const all = names.flatMap((each) =>
    each.startsWith('!') ? typesCalled(each.slice(1)).map((type) => `!${type}`) : typesCalled(each),
  );
  return parseWildcards(all.join(','), parameter);
}
