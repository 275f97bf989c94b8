// How many files and connections this process may have open, and how many of them callers may use.
import { readFileSync } from 'node:fs';

/** Assumed if the system does not tell. */
const usual = 1024;

/** The soft limit of this process. https://man7.org/linux/man-pages/man5/proc_pid_limits.5.html */
export function descriptorLimit(read: () => string = () => readFileSync('/proc/self/limits', 'utf8')): number {
  try {
    const [, soft = ''] = /^Max open files +(\d+|unlimited)/m.exec(read()) ?? [];
    return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft) || usual;
  } catch {
    return usual;
  }
}

export interface Share {
  /** Reserved for the process itself. */
  readonly reserve: number;
  readonly most: number;
}

/** At least a few, however low the limit: otherwise no request could be answered. */
const least = 16;

/** Connections for callers. */
export function connectionsOf({ reserve, most }: Share, limit = descriptorLimit()): number {
  return Math.min(most, Math.max(least, limit - reserve));
}
