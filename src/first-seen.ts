// The first of a list that a caller may see. What is the caller's own costs nothing to decide; each other entry may cost a
// request, so there is a limit, and the answer says when it was reached.

const most = { shown: 200, asked: 200 } as const;

export interface Seeing<T> {
  readonly isOwn: (entry: T) => boolean;
  readonly sees: (entry: T) => Promise<boolean>;
}

/** `more`: whether entries were not decided, be they visible or not. Entries of others never push out a caller's own. */
export async function firstSeen<T>(
  entries: readonly T[],
  { isOwn, sees }: Seeing<T>,
): Promise<{ readonly shown: readonly T[]; readonly more: boolean }> {
  const shown: T[] = [];
  let asked = 0;
  let more = false;
  for (const entry of entries) {
    const own = isOwn(entry);
    if (shown.length === most.shown || (!own && asked === most.asked)) more = true;
    else if (own) shown.push(entry);
    else {
      asked++;
      if (await sees(entry)) shown.push(entry);
    }
  }
  return { shown, more };
}
