// The gap between two segments that follow each other in the folder: the one that the later one states, or one that shows itself,
// because what the later one comes after is not there any more.
import type { SegmentInfo } from './open-segments.ts';
import type { Gap } from './records.ts';

/**
 * Milliseconds between two segments of earlier programs, which did not note what they come after: a process that is killed, and an
 * empty segment that gave way to the next, leave as much.
 */
const usual = 11 * 60_000;

/** Undefined if the later one goes on where the earlier one ends. */
export function gapBetween(before: SegmentInfo, after: SegmentInfo): Gap | undefined {
  if (before.damaged !== undefined) return after.gap;
  const reached = Date.parse(before.to);
  const begins = Date.parse(after.gap?.from ?? after.from);
  // Nothing says whether it went on from there.
  if (after.damaged !== undefined)
    return reached < begins ? { from: before.to, to: after.from, reason: 'damaged' } : undefined;
  if (isNext(before, after, begins - reached)) return after.gap;
  return { from: before.to, to: after.gap?.to ?? after.from, reason: 'segment_missing' };
}

function isNext(before: SegmentInfo, { predecessor }: SegmentInfo, unknown: number): boolean {
  if (predecessor === undefined) return unknown <= usual;
  // One that was replaced by an older copy ends before what followed it.
  if (predecessor?.name === before.name) return before.last >= predecessor.revision;
  return unknown <= 0;
}
