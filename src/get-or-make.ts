// Maps whose values are created on first use.

/** A Map, a WeakMap or a cache. */
interface Keeping<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

/** The value for `key`; creates and stores a missing one. */
export function getOrMake<K, V>(map: Keeping<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
