// Things filed under one label that they demand, so that labels lead to those they may satisfy, past all the others.
import type { Demand, Labels } from '../model/label-selector.ts';

export interface Filed<T> {
  /** For what demands no label. */
  rest: T | undefined;
  /** By key and value; under no value for what demands the key alone. */
  readonly byKey: Map<string, Map<string | undefined, T>>;
}

export function createFiled<T>(): Filed<T> {
  return { rest: undefined, byKey: new Map() };
}

const anyValue: readonly undefined[] = [undefined];

/** The places where something with that demand is filed, as far as there are any. */
export function placesAt<T>(filed: Filed<T>, demand: Demand | undefined): T[] {
  if (!demand) return filed.rest === undefined ? [] : [filed.rest];
  const byValue = filed.byKey.get(demand.key);
  return (demand.values ?? anyValue).flatMap((value) => byValue?.get(value) ?? []);
}

/** The same places, made where there are none yet. */
export function placesFor<T>(filed: Filed<T>, demand: Demand | undefined, make: () => T): T[] {
  if (!demand) {
    filed.rest ??= make();
    return [filed.rest];
  }
  const byValue = getOrMake(filed.byKey, demand.key, () => new Map<string | undefined, T>());
  return (demand.values ?? anyValue).map((value) => getOrMake(byValue, value, make));
}

/** Hands each place of what the labels may satisfy to `visit`. */
export function visitFor<T>({ rest, byKey }: Filed<T>, labels: Labels | undefined, visit: (place: T) => void): void {
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
export function prune<T>(filed: Filed<T>, demand: Demand | undefined, isEmpty: (place: T) => boolean): void {
  if (!demand) {
    if (filed.rest !== undefined && isEmpty(filed.rest)) filed.rest = undefined;
    return;
  }
  const byValue = filed.byKey.get(demand.key);
  if (!byValue) return;
  for (const value of demand.values ?? anyValue) {
    const place = byValue.get(value);
    if (place !== undefined && isEmpty(place)) byValue.delete(value);
  }
  if (byValue.size === 0) filed.byKey.delete(demand.key);
}

export function isBare<T>({ rest, byKey }: Filed<T>): boolean {
  return rest === undefined && byKey.size === 0;
}

export function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
