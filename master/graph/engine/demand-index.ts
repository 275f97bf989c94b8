// Entries filed under one label that they require, so that an object's labels lead to candidates without scanning the
// others.
import { getOrMake } from '../../../src/get-or-make.ts';
import type { Demand, Labels } from '../model/label-selector.ts';

export interface DemandIndex<T> {
  /** Entries that require no label. */
  rest: T | undefined;
  /** By key and value; value undefined for entries that require only the key. */
  readonly byKey: Map<string, Map<string | undefined, T>>;
}

export function createDemandIndex<T>(): DemandIndex<T> {
  return { rest: undefined, byKey: new Map() };
}

const anyValue: readonly undefined[] = [undefined];

/** Existing places for entries with that demand. */
export function placesAt<T>(index: DemandIndex<T>, demand: Demand | undefined): T[] {
  if (!demand) return index.rest === undefined ? [] : [index.rest];
  const byValue = index.byKey.get(demand.key);
  return (demand.values ?? anyValue).flatMap((value) => byValue?.get(value) ?? []);
}

/** The same; creates missing places. */
export function placesFor<T>(index: DemandIndex<T>, demand: Demand | undefined, make: () => T): T[] {
  if (!demand) {
    index.rest ??= make();
    return [index.rest];
  }
  const byValue = getOrMake(index.byKey, demand.key, () => new Map<string | undefined, T>());
  return (demand.values ?? anyValue).map((value) => getOrMake(byValue, value, make));
}

/** Calls `visit` with each place whose entries the labels may satisfy. */
export function visitFor<T>(
  { rest, byKey }: DemandIndex<T>,
  labels: Labels | undefined,
  visit: (place: T) => void,
): void {
  if (rest !== undefined) visit(rest);
  if (byKey.size === 0 || !labels) return;
  for (const key in labels) {
    const byValue = byKey.get(key);
    if (!byValue) continue;
    for (const value of [labels[key], undefined]) {
      const place = byValue.get(value);
      if (place !== undefined) visit(place);
    }
  }
}

/** Drops empty places of a demand. */
export function prune<T>(index: DemandIndex<T>, demand: Demand | undefined, isEmpty: (place: T) => boolean): void {
  if (!demand) {
    if (index.rest !== undefined && isEmpty(index.rest)) index.rest = undefined;
    return;
  }
  const byValue = index.byKey.get(demand.key);
  if (!byValue) return;
  for (const value of demand.values ?? anyValue) {
    const place = byValue.get(value);
    if (place !== undefined && isEmpty(place)) byValue.delete(value);
  }
  if (byValue.size === 0) index.byKey.delete(demand.key);
}

export function isBare<T>({ rest, byKey }: DemandIndex<T>): boolean {
  return rest === undefined && byKey.size === 0;
}
