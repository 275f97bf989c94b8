// The checked registry of kinds: those of the API server's own groups first. An invalid kind stops the process at load.
import { textOrder } from '../../src/text-order.ts';
import * as all from './all.ts';
import type { Kind } from './kind.ts';
import { kindLookup, typeOfKind } from './lookup.ts';

export const kinds: readonly Kind[] = checkKinds(Object.values(all));

const byAnyName = kindLookup(kinds);

/** The kind that people call `name`: `Pod`, `pods`, `po`, `rcontrollers`, `httproutes.gateway.networking.k8s.io`. */
export function findKind(name: string): Kind | undefined {
  return byAnyName(name);
}

/** `found` in order, or the error that says which kind is invalid and why. */
export function checkKinds(found: readonly Kind[]): readonly Kind[] {
  const seen = new Set<string>();
  for (const kind of found) {
    const names = [typeOfKind(kind), `${kind.plural}.${kind.group}`, ...(kind.aliases ?? [])];
    const fault = faultOf(kind) ?? names.find((name) => seen.has(name))?.replace(/^/, 'shares a name: ');
    if (fault) throw new Error(`the kind ${JSON.stringify(kind.kind)} ${fault}`);
    for (const name of names) seen.add(name);
  }
  // By letters alone: to load what an alphabet of people needs takes longer than all else here.
  return found.toSorted((a, b) => textOrder(orderOf(a), orderOf(b)));
}

function orderOf(kind: Kind): string {
  const type = typeOfKind(kind);
  return `${type === kind.kind ? 0 : 1} ${type.toLowerCase()} ${type}`;
}

function faultOf(kind: Kind): string | undefined {
  if (!/^[A-Z][A-Za-z]+$/.test(kind.kind)) return 'is not written as a kind';
  if (!/^[a-z]+$/.test(kind.plural)) return 'has a plural that is not lower case';
  if (kind.group !== '' && !/^[a-z0-9.-]+$/.test(kind.group)) return 'has a group that is not a group';
  if (kind.versions.length === 0) return 'has no version';
  if (kind.versions.some((version) => !/^v\d+((alpha|beta)\d+)?$/.test(version))) return 'has a version that is none';
  if (kind.aliases?.some((alias) => !/^[a-z]+$/.test(alias))) return 'has an alias that is not lower case';
  return undefined;
}
