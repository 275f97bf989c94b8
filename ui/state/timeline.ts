// The timeline from the master, and the next change in it.

export interface Gap {
  readonly from: string;
  readonly to: string;
  readonly reason?: string;
}

export interface Bucket {
  readonly from: string;
  readonly to: string;
  readonly groups: {
    readonly [group: string]: { readonly added: number; readonly changed: number; readonly removed: number };
  };
}

export interface Timeline {
  readonly from: string;
  readonly to: string;
  readonly buckets: readonly Bucket[];
  readonly gaps: readonly Gap[];
}

export function totalOf({ groups }: Bucket): number {
  return Object.values(groups).reduce((sum, { added, changed, removed }) => sum + added + changed + removed, 0);
}

/** End of the nearest bucket with changes before or after a moment; before the first of them its start. Undefined if none. */
export function nextChange({ buckets, to }: Timeline, at: string, step: 1 | -1): string | undefined {
  const now = at === '' ? Date.parse(to) + 1 : Date.parse(at);
  const busy = buckets.filter((bucket) => totalOf(bucket) > 0);
  if (step > 0) return busy.find((bucket) => Date.parse(bucket.to) > now)?.to;
  const moments = [...busy.slice(0, 1).map(({ from }) => from), ...busy.map((bucket) => bucket.to)];
  return moments.findLast((each) => Date.parse(each) < now);
}

/** Those that a moment lies in, of an answer's `gaps`. A moment such as `-15m` lies in all of them that the master names. */
export function gapsOf(gaps: unknown, at: string): readonly Gap[] {
  const moment = Date.parse(at);
  const all = Array.isArray(gaps) ? (gaps as readonly Gap[]) : [];
  return all.filter(({ from, to }) => !(moment < Date.parse(from) || moment > Date.parse(to)));
}

/** A moment for display; ages such as `-15m` stay. */
export function clock(moment: string): string {
  return moment.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
}
