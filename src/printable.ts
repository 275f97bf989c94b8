// Text that shows as what it is: a cluster's names may hold whatever a path segment may, and what a runtime or a client tells
// may hold anything at all.

// Control characters, halves of surrogate pairs and what turns the direction of writing: XML forbids the first two, C strings
// end at NUL, a terminal obeys some of them, and the last makes one name look like another.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g;

/** Control characters become their pictures (U+2400 and on), other unprintable ones U+FFFD. */
export function printable(text: string): string {
  return text.toWellFormed().replace(unprintable, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}
