// Prepares cluster texts for a model. Strangers write names, labels and messages, possibly with instructions: they become
// one piece of data without invisible characters, of limited length.

/** Maximum bytes of UTF-8 for a name or message. */
const longestText = 200;
/** Ids are passed on: everything that Kubernetes allows fits. */
const longestId = 640;

/** Control and format characters, lone surrogates, and everything invisible, such as tags. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A message, label or reason: escaped and cut. */
export function shown(text: string): string {
  return cut(text, longestText);
}

/** An id, in the form that `idMeant` accepts. */
export function shownId(id: string): string {
  return cut(id, longestId);
}

/** In double quotes, with escapes. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Reverses the escapes of `shownId`. */
export function unescaped(id: string): string {
  return id.replace(/\\u\{([0-9a-f]{1,6})\}/g, (whole, digits: string) => {
    const code = Number.parseInt(digits, 16);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}

/** At most `most` bytes, with the total length: `abc… (4096 characters)`. */
export function cut(text: string, most: number): string {
  // Far too long texts are not scanned completely.
  const whole = escaped(text.length > most ? text.slice(0, most) : text);
  if (text.length <= most && Buffer.byteLength(whole) <= most) return whole;
  const tail = `… (${text.length} characters)`;
  let kept = '';
  let left = most - Buffer.byteLength(tail);
  for (const { segment } of segments(whole)) {
    left -= Buffer.byteLength(segment);
    if (left < 0) break;
    kept += segment;
  }
  return kept + tail;
}

function escaped(text: string): string {
  return text.replace(unseen, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Characters; an escape counts as one. */
function* segments(text: string): Generator<{ readonly segment: string }> {
  for (const [segment] of text.matchAll(/\\u\{[0-9a-f]+\}|./gsu)) yield { segment };
}
