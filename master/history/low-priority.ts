// Lets the thread that calls it run behind all others where processors are short. On Linux a priority is a thread's, not a process's:
// https://man7.org/linux/man-pages/man2/setpriority.2.html
import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** As `nice -n 5`: about a third of what the other threads get each. */
const less = 5;
const least = 19;

/** Does nothing where threads have no priority of their own. */
export function lowerPriority(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (thread > 0) setPriority(thread, Math.min(least, getPriority(thread) + less));
  } catch {
    // It runs as the others do.
  }
}
