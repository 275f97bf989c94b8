// Finds parts of a stored JSON text without parsing the whole: rules that need one field of thousands of objects read only that.
// A name's letters with their quotes cannot occur within a string of the text, where quotes are escaped.

const quote = 0x22;
const backslash = 0x5c;
const opening = 0x7b;
const closing = 0x7d;

/** The first string under this name at any depth; undefined if there is none. */
export function stringIn(text: Buffer, name: string): string | undefined {
  const letters = `"${name}":"`;
  const at = text.indexOf(letters, 0, 'latin1');
  if (at < 0) return undefined;
  const from = at + letters.length;
  const to = endOfString(text, from);
  const read: unknown = JSON.parse(text.toString('utf8', from - 1, to + 1));
  return typeof read === 'string' ? read : undefined;
}

/** The text of the first object under this name at any depth, with its braces; undefined if there is none. */
export function objectTextIn(text: Buffer, name: string): Buffer | undefined {
  const letters = `"${name}":{`;
  const at = text.indexOf(letters, 0, 'latin1');
  if (at < 0) return undefined;
  const from = at + letters.length - 1;
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const byte = text[i];
    if (byte === quote) i = endOfString(text, i + 1);
    else if (byte === opening) depth++;
    else if (byte === closing && --depth === 0) return text.subarray(from, i + 1);
  }
  return undefined;
}

const specName = '"spec":';

/**
 * The spec of an API object whose status follows it, as API servers write it; undefined if it is not so. Parses the spec alone:
 * a status is as long again.
 */
export function specIn(text: Buffer): { readonly [name: string]: unknown } | undefined {
  const at = text.indexOf(`${specName}{`, 0, 'latin1');
  const to = at < 0 ? -1 : text.indexOf(',"status":{', at, 'latin1');
  if (to < 0) return undefined;
  try {
    return JSON.parse(text.toString('utf8', at + specName.length, to));
  } catch {
    // Something within the spec has that name.
    return undefined;
  }
}

/** Every string under this name, at any depth, in order; undefined if one of them needs unescaping. */
export function plainStringsIn(text: Buffer, name: string): string[] | undefined {
  const letters = `"${name}":"`;
  const found: string[] = [];
  for (let at = text.indexOf(letters, 0, 'latin1'); at >= 0; at = text.indexOf(letters, at, 'latin1')) {
    const from = at + letters.length;
    at = text.indexOf(quote, from);
    if (at < 0) return undefined;
    const one = text.toString('latin1', from, at);
    if (!/^[\w.:/-]*$/.test(one)) return undefined;
    found.push(one);
  }
  return found;
}

/** Index of the quote that ends the string; the length of the text if none does. */
function endOfString(text: Buffer, from: number): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === backslash) i++;
    else if (text[i] === quote) return i;
  }
  return text.length;
}
