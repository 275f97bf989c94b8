// Counts changes by time, type and namespace.
import { fault } from '../../src/errors.ts';
import { every } from '../../src/steps.ts';
import type { RevisionEntry } from './records.ts';
import type { SegmentReader } from './segment-reader.ts';

export interface Count {
  readonly bucket: number;
  readonly type: string;
  readonly namespace: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

export interface TimelineQuestion {
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly buckets: number;
  readonly since?: { readonly [namespace: string]: number | null } | undefined;
}

/** A revision with the segment that it is in. */
export interface EntryOfSegment {
  readonly reader: SegmentReader;
  readonly entry: RevisionEntry;
}

/** Number of revisions or items per portion. */
const atOnce = 1000;
/** By bucket, type and namespace. */
const mostCounts = 500_000;
const manyCounts = 'it comes to more than 500,000 counts';
const fewerCounts = 'ask for fewer buckets, or for a shorter time';

type Counts = Map<string, { -readonly [key in keyof Count]: Count[key] }>;

/** Counts of changes. `since` leaves out changes in a namespace before a moment; null leaves out all of them. */
export function* countsOf(
  entries: Iterable<EntryOfSegment>,
  { from, to, buckets, since }: TimelineQuestion,
): Generator<readonly Count[]> {
  const counts: Counts = new Map();
  const width = (to - from) / buckets;
  const pause = every(atOnce);
  for (const each of entries) {
    const bucket = Math.min(buckets - 1, Math.floor((each.entry.time - from) / width));
    countEntry(counts, bucket, each, since);
    if (counts.size > mostCounts) throw fault('query_too_large', { reason: manyCounts, hint: fewerCounts });
    // An empty portion lets other requests have their turn.
    if (pause()) yield [];
  }
  yield* portionsOf(counts.values());
}

function countEntry(
  counts: Counts,
  bucket: number,
  { reader, entry }: EntryOfSegment,
  since: TimelineQuestion['since'],
): void {
  for (const what of ['came', 'changed', 'went'] as const)
    for (const o of entry[what]) {
      const { type, namespace } = reader.place(o);
      if (since && namespace && !isSince(since[namespace], entry.time)) continue;
      const key = `${bucket} ${type} ${namespace}`;
      const count = counts.get(key) ?? { bucket, type, namespace, added: 0, changed: 0, removed: 0 };
      counts.set(key, count);
      count[what === 'came' ? 'added' : what === 'went' ? 'removed' : 'changed']++;
    }
}

function* portionsOf<T>(items: Iterable<T>): Generator<readonly T[]> {
  let some: T[] = [];
  for (const item of items) {
    if (some.push(item) < atOnce) continue;
    yield some;
    some = [];
  }
  yield some;
}

function isSince(since: number | null | undefined, time: number): boolean {
  return since !== null && since !== undefined && time >= since;
}
