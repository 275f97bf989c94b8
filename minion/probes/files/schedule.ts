// Waiting times of a thread: for a processor from /proc/PID/task/TID/schedstat, for disks from field 42 of its stat.

/** Seconds; undefined if invalid. */
export function waitedForProcessor(schedstat: string): number | undefined {
  const waited = /^\d+ (\d+) \d+\s*$/.exec(schedstat)?.[1];
  return waited === undefined ? undefined : Number(waited) / 1e9;
}

/** Linux's unit for user space. */
const ticksPerSecond = 100;

/** Seconds. 0 for threads older than the kernel's accounting. */
export function waitedForDisk(stat: string): number | undefined {
  // The name in parentheses may contain anything: fields are counted after it, starting with the third.
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[42 - 3];
  return ticks !== undefined && /^\d+$/.test(ticks) ? Number(ticks) / ticksPerSecond : undefined;
}
