// Limits the references of one object: further ones are counted, and reported on the last relation made.
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
      // Delays the last one, which may have to report the number.
      if (last) refer(last);
      last = reference;
      made++;
    },
    /** Call after the last reference. */
    end(): void {
      if (last) refer(leftOut === 0 ? last : { ...last, notes: { ...last.notes, leftOut } });
    },
  };
}
