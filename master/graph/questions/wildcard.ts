// Lists of names with `*` for any run of characters and a leading `!` to leave out, as `type` and `namespace` take them.
// No regular expression is made from what a stranger sends: a pattern is matched piece by piece, without going back.
import { fault } from '../../../src/errors.ts';

export interface Wildcards {
  (text: string): boolean;
  /** All that can match, where the list names it: it can be looked for instead of looked through. */
  readonly names?: readonly string[];
}

/**
 * `kube-*,!kube-system` as a test of names: something that is asked for matches, and nothing that is left out does. A list
 * that only leaves out asks for all the rest. Throws `bad_parameter` that names `parameter` where a place in the list is empty.
 */
export function parseWildcards(list: string, parameter: string): Wildcards {
  const patterns = list.split(',').map((pattern) => pattern.trim());
  if (patterns.some((pattern) => pattern === '' || pattern === '!')) {
    throw fault('bad_parameter', { parameter, reason: `a place in the list ${JSON.stringify(list)} is empty` });
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
    // The leftmost place for each piece leaves the most room for those after it, so no other place needs trying.
    for (const piece of between) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}
