// When a certificate ends, said in `/readyz?verbose`. Nothing fails for it: whoever checks certificates refuses by themselves.
import { type Clock, timestampOf } from '../clock.ts';
import type { Check } from './health.ts';

/** From so long before the end on it says what to do, in milliseconds. */
const soon = 30 * 86_400_000;

/** `end` in milliseconds since the epoch; undefined where there is no certificate, or none was seen yet. */
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
