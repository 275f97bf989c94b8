// Text of a cluster on its way to a model. Names, labels and messages are written by strangers and may hold instructions:
// what leaves here is one piece of data without anything that is not seen, and never longer than said.

/** Bytes of UTF-8 that a name or a message takes at most. */
const longestText = 200;
/** Ids are to be passed on: all that Kubernetes allows fits. */
const longestId = 640;

/** Control and format characters, halves of surrogate pairs, and all that shows as nothing, such as tags. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A message, a label, a reason: escaped, and cut. */
export function shown(text: string): string {
  return cut(text, longestText);
}

/** An id, as `idMeant` takes it back. */
export function shownId(id: string): string {
  return cut(id, longestId);
}

/** In double quotes, with what would end them escaped. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The id with what `shownId` escaped put back. */
export function unescaped(id: string): string {
  return id.replace(/\\u\{([0-9a-f]{1,6})\}/g, (whole, digits: string) => {
    const code = Number.parseInt(digits, 16);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}

/** At most `most` bytes, what was cut off counted: `abc… (4096 characters)`. */
export function cut(text: string, most: number): string {
  // What is far too long is not looked through.
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

/** Characters, and escapes as one. */
function* segments(text: string): Generator<{ readonly segment: string }> {
  for (const [segment] of text.matchAll(/\\u\{[0-9a-f]+\}|./gsu)) yield { segment };
}
