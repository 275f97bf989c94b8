// Lists of names where `*` matches any characters and a leading `!` excludes, as in `type` and `namespace`. User input
// never becomes a regular expression: patterns are matched piece by piece, without backtracking.
import { fault } from '../../../src/errors.ts';

export interface Wildcards {
  (text: string): boolean;
  /** All possible matches, if the list has plain names only: these can be looked up instead of scanned. */
  readonly names?: readonly string[];
}

/**
 * `kube-*,!kube-system` as a test: some included pattern matches and no excluded one. A list of exclusions only includes
 * all others. Throws `bad_parameter` with `parameter` if an item is empty.
 */
export function parseWildcards(list: string, parameter: string): Wildcards {
  const patterns = list.split(',').map((pattern) => pattern.trim());
  if (patterns.some((pattern) => pattern === '' || pattern === '!')) {
    throw fault('bad_parameter', { parameter, reason: `the list ${JSON.stringify(list)} has an empty entry` });
  }
  const asked = anyOf(patterns.filter((pattern) => !pattern.startsWith('!')));
  const leftOut = anyOf(patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1)));
  const matches = (text: string) => (asked?.(text) ?? true) && !(leftOut?.(text) ?? false);
  return asked?.names ? Object.assign(matches, { names: asked.names.filter(matches).sort() }) : matches;
}

function anyOf(patterns: readonly string[]): Wildcards | undefined {
  if (patterns.length === 0) return undefined;
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const globs = patterns.filter((pattern) => pattern.includes('*')).map(glob);
  const matches = (text: string) => exact.has(text) || globs.some((glob) => glob(text));
  return globs.length === 0 ? Object.assign(matches, { names: [...exact] }) : matches;
}

function glob(pattern: string): Wildcards {
  const pieces = pattern.split('*');
  const first = pieces[0] as string;
  const last = pieces.at(-1) as string;
  const between = pieces.slice(1, -1).filter((piece) => piece !== '');
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    // The leftmost match leaves the most room for the rest, so no other position needs a try.
    for (const piece of between) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}
