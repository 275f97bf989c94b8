// Makes text safe to display: names in a cluster may contain anything allowed in a path segment, and texts from runtimes or
// clients anything at all.

// Control characters, lone surrogates and bidirectional controls: XML forbids the first two, C strings end at NUL,
// terminals obey some, and the last disguise names.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g;

/** Control characters become their symbols (U+2400 and up), other unprintable ones U+FFFD. */
export function printable(text: string): string {
  return text.toWellFormed().replace(unprintable, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}
