// Text that any reader of any form accepts. A cluster's names may hold whatever a path segment may (RBAC names do), and what a
// runtime tells may hold anything at all.

import { every, type Steps } from '../../../src/steps.ts';

// Control characters, halves of surrogate pairs and what turns the direction of writing: XML forbids the first two, C strings end at
// NUL, and the last makes one name look like another.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g;

/** Control characters become their pictures (U+2400 and on), other unprintable ones U+FFFD. */
export function printable(text: string): string {
  return text.toWellFormed().replace(unprintable, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}

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
