// Shows in `/readyz?verbose` when a certificate ends. The check never fails: peers reject expired certificates themselves.
import { type Clock, timestampOf } from '../clock.ts';
import type { Check } from './health.ts';

/** In milliseconds: from this time before the end it says what to do. */
const soon = 30 * 86_400_000;

/** `end`: milliseconds since the epoch; undefined if there is no certificate or none was seen yet. */
export function certificateCheck(name: string, end: () => number | undefined, clock: Clock): Check {
  return {
    name,
    check: () => true,
    note() {
      const at = end();
      if (at === undefined) return undefined;
      const left = at - clock();
      if (left <= 0) return `it ended at ${timestampOf(at)}: make a new one`;
      return left > soon ? `it ends at ${timestampOf(at)}` : `it ends soon, at ${timestampOf(at)}: make a new one`;
    },
  };
}
