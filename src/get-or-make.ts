// Maps whose values are made when they are first asked for.

/** A Map or a WeakMap. */
interface Keeping<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

/** What `map` holds under `key`, made and kept where it holds nothing yet. */
export function getOrMake<K, V>(map: Keeping<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
