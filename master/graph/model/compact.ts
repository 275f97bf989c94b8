// Lists and sets with mostly one or two elements, a million of them. An array grown by `push` allocates 17 slots, and a set
// takes about 200 bytes whatever it contains.

/** Lists up to this length are copied on growth and have no spare slots. */
const exact = 8;

/** The shared empty list: replace it, never change it. */
export const none: never[] = [];

/** The list with `item` appended; a new list while it is short. */
export function appended<T>(list: T[], item: T): T[] {
  if (list.length === 0) return [item];
  // Spreading into a new array would also allocate 17 slots.
  if (list.length < exact) return list.toSpliced(list.length, 0, item);
  list.push(item);
  return list;
}

/** The list without `item`, which it contains; a new list while it is short. */
export function without<T>(list: T[], item: T): T[] {
  const at = list.indexOf(item);
  if (list.length <= exact) return list.toSpliced(at, 1);
  list.splice(at, 1);
  return list;
}

/** One element, a short immutable list, or a set. */
export type Few<T extends object | number> = T | readonly T[] | Set<T> | undefined;

export function withOne<T extends object | number>(few: Few<T>, item: T): Few<T> {
  if (few === undefined || few === item) return item;
  if (few instanceof Set) return few.add(item);
  const list = isList(few) ? few : [few];
  if (list.includes(item)) return few;
  return list.length < exact ? list.toSpliced(list.length, 0, item) : new Set(list).add(item);
}

export function withoutOne<T extends object | number>(few: Few<T>, item: T): Few<T> {
  if (few === item) return undefined;
  if (few instanceof Set) {
    few.delete(item);
    return few.size === 0 ? undefined : few;
  }
  if (!isList(few)) return few;
  const rest = few.filter((each) => each !== item);
  return rest.length > 1 ? rest.slice() : rest[0];
}

/** A copy: callers may change the set while they iterate. */
export function each<T extends object | number>(few: Few<T>): T[] {
  if (few === undefined) return [];
  return few instanceof Set || isList(few) ? [...few] : [few];
}

export function count<T extends object | number>(few: Few<T>): number {
  if (few === undefined) return 0;
  if (few instanceof Set) return few.size;
  return isList(few) ? few.length : 1;
}

function isList<T extends object | number>(few: Few<T>): few is readonly T[] {
  return Array.isArray(few);
}
