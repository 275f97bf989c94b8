// How long a thread waited: for a processor by /proc/PID/task/TID/schedstat, for disks by field 42 of its stat.

/** Seconds; undefined where the text is none. */
export function waitedForProcessor(schedstat: string): number | undefined {
  const waited = /^\d+ (\d+) \d+\s*$/.exec(schedstat)?.[1];
  return waited === undefined ? undefined : Number(waited) / 1e9;
}

/** Linux tells user space in these ticks. */
const ticksPerSecond = 100;

/** Seconds. 0 for what began before the kernel was told to account it. */
export function waitedForDisk(stat: string): number | undefined {
  // The name in parentheses may hold anything: the fields are counted from behind it, where the third stands first.
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[42 - 3];
  return ticks !== undefined && /^\d+$/.test(ticks) ? Number(ticks) / ticksPerSecond : undefined;
}
