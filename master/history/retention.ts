// Which segments go, and when a new one begins: by time and by bytes, whichever comes first. Pure.
export interface Limits {
  /** Milliseconds. */
  readonly age: number;
  readonly bytes: number;
}

export interface KeptSegment {
  readonly name: string;
  readonly bytes: number;
  /** Milliseconds of the last that it may be asked for. */
  readonly end: number;
}

/** Of the disk: with less free it is as if the bound were reached. */
const leastFree = 0.1;
const leastRoll = 16 << 20;
const longest = 24 * 3_600_000;

/** Names of those that go, of all from the oldest to the newest. The newest never does. */
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
    // How much that frees is seen at the next look.
    room = Number.POSITIVE_INFINITY;
  }
  return gone;
}

/** At four times the keyframe's size, a day, or where two such segments would break the bound. */
export function wantsRoll(
  { bytes, keyBytes, age }: { readonly bytes: number; readonly keyBytes: number; readonly age: number },
  limits: Limits,
): boolean {
  if (age >= Math.min(longest, limits.age)) return true;
  // One that is hardly more than its keyframe gives way to nothing smaller.
  if (bytes < keyBytes * 1.25) return false;
  return bytes >= Math.min(Math.max(leastRoll, keyBytes * 4), limits.bytes / 2);
}
