// Lists and sets that mostly hold one or two things, a million of them: a list that grows by `push` takes room for seventeen
// at once, and a set some two hundred bytes, whatever is in it.

/** Up to here a list is copied to grow, and has no more room than it needs. */
const exact = 8;

/** Every list that holds nothing: never to be changed, only to be replaced. */
export const none: never[] = [];

/** The list with `item` behind the others: another list while it is short. */
export function appended<T>(list: T[], item: T): T[] {
  if (list.length === 0) return [item];
  if (list.length < exact) return [...list, item];
  list.push(item);
  return list;
}

/** The list with `item` at `at`: another list while it is short. */
export function inserted<T>(list: T[], at: number, item: T): T[] {
  if (list.length < exact) return list.toSpliced(at, 0, item);
  list.splice(at, 0, item);
  return list;
}

/** The list without `item`, which is in it: another list while it is short. */
export function without<T>(list: T[], item: T): T[] {
  const at = list.indexOf(item);
  if (list.length <= exact) return list.toSpliced(at, 1);
  list.splice(at, 1);
  return list;
}

/** One thing, or a set of several. */
export type Few<T extends object> = T | Set<T> | undefined;

export function withOne<T extends object>(few: Few<T>, item: T): Few<T> {
  if (few === undefined || few === item) return item;
  if (few instanceof Set) return few.add(item);
  return new Set([few, item]);
}

export function withoutOne<T extends object>(few: Few<T>, item: T): Few<T> {
  if (few === item) return undefined;
  if (!(few instanceof Set)) return few;
  few.delete(item);
  return few.size === 0 ? undefined : few;
}

/** A copy: what is done with them may change them. */
export function each<T extends object>(few: Few<T>): T[] {
  if (few === undefined) return [];
  return few instanceof Set ? [...few] : [few];
}
