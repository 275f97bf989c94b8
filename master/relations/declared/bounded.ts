// One object may say only so much: what is more is counted, and told on the last relation that was made.
import type { Reference } from '../relation.ts';

export function bounded(limit: number, refer: (reference: Reference) => void) {
  let made = 0;
  let leftOut = 0;
  let last: Reference | undefined;
  return {
    refer(reference: Reference): void {
      if (made >= limit) {
        leftOut++;
        return;
      }
      // The last one waits, for what it may have to tell.
      if (last) refer(last);
      last = reference;
      made++;
    },
    /** To be called when all was said. */
    end(): void {
      if (last) refer(leftOut === 0 ? last : { ...last, notes: { ...last.notes, leftOut } });
    },
  };
}
