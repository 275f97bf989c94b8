// Keys for forms that need printable text.
import { printable } from '../../../src/printable.ts';
import { every, type Steps } from '../../../src/steps.ts';

/** Ids examined between two pauses. */
const often = 256;

/** Distinct printable keys for ids: ids that look equal get ` (2)`, ` (3)` in order. */
export function* keysOf(ids: readonly string[]): Steps<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  const used = new Set<string>();
  const pause = every(often);
  // Printable ids first, so that no other id takes their key.
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
