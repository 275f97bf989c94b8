// The types that somebody means by the name of a kind: some have their group with them, others not.
import { parseWildcards, type Wildcards } from '../graph/questions/wildcard.ts';
import { kinds } from './index.ts';
import { typeOfKind } from './lookup.ts';

const byKind = new Map<string, string[]>();
for (const kind of kinds) byKind.set(kind.kind, [...(byKind.get(kind.kind) ?? []), typeOfKind(kind)]);

/** `HTTPRoute` is `HTTPRoute.gateway.networking.k8s.io`; what nobody knows, or what has a group or a `*`, is as it is written. */
export function typesCalled(name: string): readonly string[] {
  const types = byKind.get(name) ?? [];
  // Service is that of the core, though another group has one, too.
  return types.length === 0 || types.includes(name) ? [name] : types;
}

/** A list of such names, `*` and `!` as everywhere. @throws Fault `bad_parameter`. */
export function typeListOf(list: string, parameter: string): Wildcards {
  const names = list.split(',').map((each) => each.trim());
  const all = names.flatMap((each) =>
    each.startsWith('!') ? typesCalled(each.slice(1)).map((type) => `!${type}`) : typesCalled(each),
  );
  return parseWildcards(all.join(','), parameter);
}
