// Lists and sets that mostly hold one or two things, a million of them: a list that grows by `push` takes room for seventeen
// at once, and a set some two hundred bytes, whatever is in it.

/** Up to here a list is copied to grow, and has no more room than it needs. */
const exact = 8;

/** Every list that holds nothing: never to be changed, only to be replaced. */
export const none: never[] = [];

/** The list with `item` behind the others: another list while it is short. */
export function appended<T>(list: T[], item: T): T[] {
  if (list.length === 0) return [item];
  // Spread into another list it would take room for seventeen, too.
  if (list.length < exact) return list.toSpliced(list.length, 0, item);
  list.push(item);
  return list;
}

/** The list without `item`, which is in it: another list while it is short. */
export function without<T>(list: T[], item: T): T[] {
  const at = list.indexOf(item);
  if (list.length <= exact) return list.toSpliced(at, 1);
  list.splice(at, 1);
  return list;
}

/** One thing, a list of a few that are not to be changed, or a set of many. */
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

/** A copy: what is done with them may change them. */
export function each<T extends object | number>(few: Few<T>): T[] {
  if (few === undefined) return [];
  return few instanceof Set || isList(few) ? [...few] : [few];
}

function isList<T extends object | number>(few: Few<T>): few is readonly T[] {
  return Array.isArray(few);
}
