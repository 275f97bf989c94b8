// Patterns of users: literal text and words in braces, each up to the next literal. No regular expressions: theirs could
// take forever. Pure.

/** The words by name; undefined if the text has another form. `{_}` is not kept. */
export function wordsOf(pattern: string, text: string): ReadonlyMap<string, string> | undefined {
  const words = new Map<string, string>();
  let at = 0;
  let rest = pattern;
  while (rest !== '') {
    const [, literal = '', word, after = ''] = /^([^{]*)(?:\{([a-z_]+)\})?(.*)$/s.exec(rest) ?? [];
    if (!text.startsWith(literal, at)) return undefined;
    at += literal.length;
    if (word === undefined) return at === text.length ? words : undefined;
    const next = /^[^{]*/.exec(after)?.[0] ?? '';
    const end = next === '' ? text.length : text.indexOf(next, at);
    const value = end < 0 ? '' : text.slice(at, end);
    if (value === '') return undefined;
    if (word !== '_') words.set(word, value);
    at = end;
    rest = after;
  }
  return at === text.length ? words : undefined;
}
