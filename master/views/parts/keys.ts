// Keys for forms that allow only text that any reader accepts.
import { printable } from '../../../src/printable.ts';
import { every, type Steps } from '../../../src/steps.ts';

/** Ids looked at between two places to be interrupted at. */
const often = 256;

/** Printable keys for ids, each another: two ids that look the same get ` (2)`, ` (3)` in their order. */
export function* keysOf(ids: readonly string[]): Steps<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  const used = new Set<string>();
  const pause = every(often);
  // Ids that are printable as they are come first, so that nobody else takes their name.
  for (const id of ids) {
    if (printable(id) === id) used.add(id);
    if (pause()) yield;
  }
  for (const id of ids) {
    keys.set(id, used.has(id) ? id : free(printable(id), used));
    if (pause()) yield;
  }
  return keys;
}

function free(wanted: string, used: Set<string>): string {
  let key = wanted;
  for (let n = 2; used.has(key); n++) key = `${wanted} (${n})`;
  used.add(key);
  return key;
}
