// Things filed under one label that they demand, so that labels lead to those they may satisfy, past all the others.
import { getOrMake } from '../../../src/get-or-make.ts';
import type { Demand, Labels } from '../model/label-selector.ts';

export interface DemandIndex<T> {
  /** For what demands no label. */
  rest: T | undefined;
  /** By key and value; under no value for what demands the key alone. */
  readonly byKey: Map<string, Map<string | undefined, T>>;
}

export function createDemandIndex<T>(): DemandIndex<T> {
  return { rest: undefined, byKey: new Map() };
}

const anyValue: readonly undefined[] = [undefined];

/** The places where something with that demand is filed, as far as there are any. */
export function placesAt<T>(index: DemandIndex<T>, demand: Demand | undefined): T[] {
  if (!demand) return index.rest === undefined ? [] : [index.rest];
  const byValue = index.byKey.get(demand.key);
  return (demand.values ?? anyValue).flatMap((value) => byValue?.get(value) ?? []);
}

/** The same places, made where there are none yet. */
export function placesFor<T>(index: DemandIndex<T>, demand: Demand | undefined, make: () => T): T[] {
  if (!demand) {
    index.rest ??= make();
    return [index.rest];
  }
  const byValue = getOrMake(index.byKey, demand.key, () => new Map<string | undefined, T>());
  return (demand.values ?? anyValue).map((value) => getOrMake(byValue, value, make));
}

/** Hands each place of what the labels may satisfy to `visit`. */
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

/** Lets go of the places of a demand that hold nothing any more. */
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
