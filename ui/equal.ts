// Whether two values say the same, whatever the order of their names: values of JSON, and Maps in the same order.

export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Map && b instanceof Map) return isEqual([...a], [...b]);
  if (a instanceof Map || b instanceof Map) return false;
  const names = Object.keys(a);
  if (Array.isArray(a) !== Array.isArray(b) || names.length !== Object.keys(b).length) return false;
  const [first, second] = [a as Named, b as Named];
  return names.every((name) => Object.hasOwn(second, name) && isEqual(first[name], second[name]));
}

interface Named {
  readonly [name: string]: unknown;
}
