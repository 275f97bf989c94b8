// The order in which findings that begin together become alerts: a cause that came after its effect would hold nothing back.
import type { Subject } from '../alert.ts';

/** Keeps the order of all others. */
export function causesFirst<T>(items: readonly T[], subjectOf: (item: T) => Subject): readonly T[] {
  const causes = new Map(items.map((item) => [subjectOf(item).id, subjectOf(item).causedBy]));
  const depthOf = (item: T) => {
    const seen = new Set([subjectOf(item).id]);
    for (let at = subjectOf(item).causedBy; at !== undefined && causes.has(at) && !seen.has(at); at = causes.get(at))
      seen.add(at);
    return seen.size;
  };
  const depths = new Map(items.map((item) => [item, depthOf(item)]));
  return items.toSorted((one, other) => (depths.get(one) ?? 0) - (depths.get(other) ?? 0));
}
