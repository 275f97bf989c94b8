// Chooses the kinds to read, among those served and known, and one version of each.
import { typeOf } from '../../../src/ids.ts';
import { customKind } from '../../kinds/custom.ts';
import type { Kind } from '../../kinds/kind.ts';
import { kindLookup, typeOfKind } from '../../kinds/lookup.ts';
import type { Served, ServedResource } from './discover.ts';

/** The setting CLUSTER_INSIGHT_KINDS. */
export interface KindChoice {
  readonly add: readonly string[];
  readonly omit: readonly string[];
}

export interface Reading {
  readonly kind: Kind;
  readonly version: string;
  readonly watchable: boolean;
}

export interface Unread {
  readonly kind: Kind;
  readonly state: 'excluded' | 'absent' | 'unknown';
  readonly reason: string;
}

export interface ChosenKinds {
  readonly read: readonly Reading[];
  /** Kinds of the registry that are not read. */
  readonly unread: readonly Unread[];
  /** Other served kinds that are not read and why, by `plural.group`. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/** Served, but not worth a resource per object; `plural.group`, or `.group` for the whole group. */
const notWorthIt: { readonly [name: string]: string } = {
  'endpoints.': 'EndpointSlices say the same, and more',
  'componentstatuses.': 'made up at each request, and deprecated',
  'bindings.': 'cannot be listed',
  'events.events.k8s.io': 'the same objects as the core Events',
  'leases.coordination.k8s.io': 'heartbeats',
  'leasecandidates.coordination.k8s.io': 'heartbeats',
  '.metrics.k8s.io': 'measurements, other at each request',
  '.custom.metrics.k8s.io': 'measurements, other at each request',
  '.external.metrics.k8s.io': 'measurements, other at each request',
};

export function chooseKinds(kinds: readonly Kind[], served: Served, choice: KindChoice): ChosenKinds {
  const named = { add: namer(kinds, choice.add), omit: namer(kinds, choice.omit) };
  const byResource = Map.groupBy(served.resources, resourceName);
  const known = kinds.map((kind) => chooseKnown(kind, byResource.get(resourceName(kind)) ?? [], served, named));
  const taken = new Set(
    known.flatMap((one) => ('version' in one || one.state === 'excluded' ? [typeOfKind(one.kind)] : [])),
  );
  for (const kind of kinds) byResource.delete(resourceName(kind));
  const others = [...byResource.values()].map((versions) => chooseOther(versions, named, taken));
  const leftOut = others.flatMap((one) => ('name' in one ? [[one.name, one.reason] as const] : []));
  return {
    read: [...known, ...others].filter((one) => 'version' in one),
    unread: known.filter((one) => 'state' in one),
    leftOut: new Map([...leftOut, ...partsOf(served)]),
  };
}

function partsOf({ subresources }: Served): [string, string][] {
  if (subresources === 0) return [];
  return [['sub-resources', `${subresources} of them: parts of objects that are read, or actions on them`]];
}

interface Named {
  readonly add: Namer;
  readonly omit: Namer;
}

type Namer = (kind: Kind) => boolean;

/** A name of a registered kind means only that: `-Service` does not exclude Knative's. `*.group` means a group. */
function namer(kinds: readonly Kind[], names: readonly string[]): Namer {
  const find = kindLookup(kinds);
  const meant = new Set(names.map(find).filter((kind) => kind !== undefined));
  const others = names.filter((name) => find(name) === undefined);
  return (kind) =>
    meant.has(kind) || others.some((name) => name === `*.${kind.group}` || kindLookup([kind])(name) !== undefined);
}

function chooseKnown(
  kind: Kind,
  versions: readonly ServedResource[],
  served: Served,
  { add, omit }: Named,
): Reading | Unread {
  if (omit(kind)) return { kind, state: 'excluded', reason: 'left out by CLUSTER_INSIGHT_KINDS' };
  if (kind.optIn && !add(kind))
    return { kind, state: 'excluded', reason: `read only with CLUSTER_INSIGHT_KINDS=+${kind.kind}` };
  const best = bestOf(versions.filter(isListable), kind.versions);
  return best === undefined ? missing(kind, served) : readingOf(kind, best);
}

function missing(kind: Kind, { failures }: Served): Unread {
  const failure = failures.find(({ group }) => group === kind.group);
  if (failure !== undefined) return { kind, state: 'unknown', reason: failure.reason };
  return { kind, state: 'absent', reason: 'the API server does not serve it' };
}

interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

function chooseOther(versions: readonly ServedResource[], { add, omit }: Named, taken: Set<string>): Reading | LeftOut {
  const best = bestOf(versions.filter(isFollowable), []) ?? bestOf(versions.filter(isListable), []);
  if (best === undefined) return leftOutOf(versions, 'it cannot be listed');
  const kind = customKind(best);
  // Two built-in groups may serve the same objects with one type; one group is enough.
  const type = typeOf(best.group, best.kind);
  const reason = reasonAgainst(best, { omitted: omit(kind), added: add(kind), taken: taken.has(type) });
  if (reason !== undefined) return leftOutOf([best], reason);
  taken.add(type);
  return readingOf(kind, best);
}

/** Why it is not read; undefined if it is. */
function reasonAgainst(
  best: ServedResource,
  { omitted, added, taken }: { readonly omitted: boolean; readonly added: boolean; readonly taken: boolean },
): string | undefined {
  if (omitted) return 'left out by CLUSTER_INSIGHT_KINDS';
  const type = typeOf(best.group, best.kind);
  const why = notWorthIt[resourceName(best)] ?? notWorthIt[`.${best.group}`];
  if (why !== undefined && !added) return why;
  if (taken) return `the same objects as ${type}`;
  // Lists that cannot be watched are often computed per request, from objects that are read anyway.
  if (!isFollowable(best) && !added)
    return `it cannot be watched; listed again and again with CLUSTER_INSIGHT_KINDS=+${type}`;
  return undefined;
}

function leftOutOf([first]: readonly ServedResource[], reason: string): LeftOut {
  const { plural = '', group = '' } = first ?? {};
  return { name: group === '' ? plural : `${plural}.${group}`, reason };
}

/** The first of `wanted` that is served, otherwise the version preferred by the API server. */
function bestOf(served: readonly ServedResource[], wanted: readonly string[]): ServedResource | undefined {
  for (const version of wanted) {
    const found = served.find((one) => one.version === version);
    if (found !== undefined) return found;
  }
  return served.find((one) => one.preferred) ?? served[0];
}

function readingOf(kind: Kind, { version, verbs }: ServedResource): Reading {
  return { kind, version, watchable: verbs.includes('watch') };
}

function isListable({ verbs }: ServedResource): boolean {
  return verbs.includes('list');
}

function isFollowable({ verbs }: ServedResource): boolean {
  return verbs.includes('list') && verbs.includes('watch');
}

function resourceName({ plural, group }: { readonly plural: string; readonly group: string }): string {
  return `${plural}.${group}`;
}
