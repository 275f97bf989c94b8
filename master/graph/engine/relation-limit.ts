// How many relations selectors may make. One object may select every other, so that they are products: two thousand small
// objects make a million. What they make together is bounded; where it is more, the largest lose first.

/** Shared by all graphs of the process, and changed while they live: they see it with their next transaction. */
export interface RelationLimit {
  /** How many relations all selectors of a graph make at most. */
  readonly selected: number;
  /** How many references of one object are followed. */
  readonly ofOneObject: number;
  /** How many references are followed of all objects of a graph, whatever they are by; as many as there are where it is left out. */
  readonly followed?: number;
  /** Memory is short: objects that come now are taken without what they say. */
  readonly closed?: boolean;
}

/** A list that an API server keeps has room for some 30,000 of the shortest. */
const ofOneObject = 20_000;

export const noLimit: RelationLimit = { selected: Number.POSITIVE_INFINITY, ofOneObject };

/**
 * The most that each may have so that all together have no more than `most`: those that want less keep what they want, and
 * the others share the rest alike. Infinity where all fit.
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
