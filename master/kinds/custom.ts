// Makes a kind from discovery: for custom resources, and for kinds of future releases.
import type { Kind } from './kind.ts';

/** One served resource, as discovery lists it. */
export interface DiscoveredKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[] | undefined;
  readonly scopeUnknown?: true;
}

export function customKind(discovered: DiscoveredKind): Kind {
  const { group, version, kind, plural, namespaced, shortNames = [], scopeUnknown } = discovered;
  return {
    kind,
    group,
    versions: [version],
    plural,
    namespaced,
    ...(scopeUnknown && { scopeUnknown }),
    ...(shortNames.length > 0 && { aliases: shortNames }),
  };
}
