// Text that any reader of any form accepts. A cluster's names may hold whatever a path segment may (RBAC names do), and what a
// runtime tells may hold anything at all.

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

/** Printable keys for ids, each another: two ids that look the same get ` (2)`, ` (3)` in their order. */
export function keysOf(ids: Iterable<string>): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  const all = [...ids];
  // Ids that are printable as they are come first, so that nobody else takes their name.
  const used = new Set(all.filter((id) => printable(id) === id));
  for (const id of all) keys.set(id, used.has(id) ? id : free(printable(id), used));
  return keys;
}

function free(wanted: string, used: Set<string>): string {
  let key = wanted;
  for (let n = 2; used.has(key); n++) key = `${wanted} (${n})`;
  used.add(key);
  return key;
}
