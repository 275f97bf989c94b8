// Decides which segments to remove and when to begin a new one, by time and by size, whichever comes first. Pure.
export interface Limits {
  /** Milliseconds. */
  readonly age: number;
  readonly bytes: number;
}

export interface KeptSegment {
  readonly name: string;
  readonly bytes: number;
  /** End of the time it answers for, in milliseconds. */
  readonly end: number;
}

/** Share of the disk: with less free space the size limit counts as reached. */
const leastFree = 0.1;
const leastRoll = 16 << 20;
const hour = 3_600_000;
const longest = 24 * hour;
/** Share of the size limit that keyframes may take for the sake of other processes. */
const keyShare = 1 / 4;

/** Names of segments to remove; `all` is sorted, oldest first. The newest always stays. */
export function toRemove(
  segments: readonly KeptSegment[],
  limits: Limits,
  { now, free }: { readonly now: number; readonly free: number },
): readonly string[] {
  const gone: string[] = [];
  let bytes = segments.reduce((sum, each) => sum + each.bytes, 0);
  let room = free;
  for (const segment of segments.slice(0, -1)) {
    const isOld = segment.end < now - limits.age;
    if (!isOld && bytes <= limits.bytes && room >= leastFree) break;
    gone.push(segment.name);
    bytes -= segment.bytes;
    // The next check shows how much that freed.
    room = Number.POSITIVE_INFINITY;
  }
  return gone;
}

export interface SegmentSize {
  /** Bytes without the write-ahead log: now, and of the keyframe alone. */
  readonly bytes: number;
  readonly keyBytes: number;
  /** Bytes of its files with the write-ahead log, which grows to its own limit however little changes: now, and then. */
  readonly held: number;
  readonly keyHeld: number;
  /** Milliseconds. */
  readonly age: number;
  /** Other processes wait for it to be sealed. */
  readonly isShared?: boolean;
}

/**
 * At four times the keyframe's size, after a day, or if two such segments would exceed the limit. Where others wait for it, after an
 * hour or more: as often as keyframes have room.
 */
export function wantsRoll(size: SegmentSize, limits: Limits): boolean {
  const { bytes, keyBytes, held, keyHeld, age } = size;
  if (age >= Math.min(longestOf(size, limits), limits.age) || bytes >= Math.max(leastRoll, keyBytes * 4)) return true;
  // A segment hardly larger than its keyframe would get no smaller successor.
  return held >= limits.bytes / 2 && held >= keyHeld * 1.25;
}

function longestOf({ isShared, keyBytes }: SegmentSize, limits: Limits): number {
  if (isShared !== true) return longest;
  return Math.min(longest, Math.max(hour, (limits.age * keyBytes) / (limits.bytes * keyShare)));
}
