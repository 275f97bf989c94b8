// A page of a list as text, before it is parsed: the token of the next page is read off its beginning, so that the next
// can be asked for at once, and managedFields are cut out. They are a third of what a list sends, the most expensive part
// to parse, and nothing of them is ever kept.

/** As Go writes the type's fields in order; lists of custom resources have theirs in order of the alphabet and are left as they are. */
const bookkeeping = ',"managedFields":[{"manager":"';
const quote = 0x22;
const backslash = 0x5c;

/** The text without the managedFields of built-in kinds. Where it is no JSON it is left as it is for the parser to say so. */
export function withoutManagedFields(text: string): string {
  let at = text.indexOf(bookkeeping);
  if (at < 0) return text;
  const kept: string[] = [];
  let from = 0;
  while (at >= 0) {
    const end = endOfList(text, at + bookkeeping.length - '[{"manager":"'.length);
    if (end < 0) return text;
    kept.push(text.slice(from, at));
    from = end;
    at = text.indexOf(bookkeeping, end);
  }
  kept.push(text.slice(from));
  return kept.join('');
}

/** The place behind the list that begins at `from`; negative where it does not end. Quotes inside of strings are escaped. */
function endOfList(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at + 1);
    else if (code === 0x5b || code === 0x7b) depth++;
    else if ((code === 0x5d || code === 0x7d) && --depth === 0) return at + 1;
    if (at < 0) return -1;
  }
  return -1;
}

/** The place of the quote that ends the string, or negative. */
function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === backslash) at++;
  }
  return -1;
}

const listHead = /^\{(?:"(?:kind|apiVersion)":"[^"\\]*",){0,2}"metadata":\{[^{}]*\}/;
const tokenField = /"continue":"([^"\\]*)"/;

/** The token of the next page, empty on the last; undefined where the beginning does not say and the whole must be parsed. */
export function nextToken(head: string): string | undefined {
  const found = listHead.exec(head);
  return found ? (tokenField.exec(found[0])?.[1] ?? '') : undefined;
}
