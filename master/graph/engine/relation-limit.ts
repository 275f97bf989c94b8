// Limits the relations made by selectors. One object may select all others, so two thousand small objects can make a
// million relations. Above the limit the largest sets lose first.

/** Shared by all graphs of the process. Changes take effect with a graph's next transaction. */
export interface RelationLimit {
  /** Maximum number of relations from all selectors of a graph. */
  readonly selected: number;
  /** Maximum number of references followed per object. */
  readonly ofOneObject: number;
  /** How many references are followed of all objects of a graph, whatever they are by; as many as there are where it is left out. */
  readonly followed?: number;
  /** Memory is short: objects that come now are taken without what they say. */
  readonly closed?: boolean;
}

/**
 * More than real objects have. An object in etcd has room for some 75,000 of the shortest references, and 5,000 that name as many
 * missing objects take about a tenth of a second, during which nothing else is served.
 */
const ofOneObject = 5_000;

export const noLimit: RelationLimit = { selected: Number.POSITIVE_INFINITY, ofOneObject };

/**
 * The largest share so that the total is at most `most`: smaller demands are met in full, the others share the rest
 * equally. Infinity if everything fits.
 */
export function fairShare(wanted: readonly number[], most: number): number {
  let rest = most;
  let sharers = wanted.length;
  for (const one of wanted.toSorted((a, b) => a - b)) {
    const share = Math.floor(rest / sharers);
    if (one > share) return share;
    rest -= one;
    sharers--;
  }
  return Number.POSITIVE_INFINITY;
}
