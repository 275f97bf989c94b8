// The text in some bytes: UTF-8, or UTF-16 as PowerShell writes it, with or without a mark of the order of its bytes.

const marks: readonly { readonly bytes: readonly number[]; readonly encoding: string }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

/**
 * The mark itself is no part of the text. Bytes that are none of the encoding become U+FFFD.
 * @throws Error for UTF-32, which kubectl does not read either.
 */
export function textOfBytes(bytes: Uint8Array): string {
  if (begins(bytes, [0xff, 0xfe, 0, 0]) || begins(bytes, [0, 0, 0xfe, 0xff]))
    throw new Error('UTF-32 is not read: save it as UTF-8');
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

/** Every manifest and every JSON text begins with a character of ASCII, of which UTF-16 makes a zero beside it. */
function encodingOf(bytes: Uint8Array): string {
  const marked = marks.find((mark) => begins(bytes, mark.bytes));
  if (marked) return marked.encoding;
  const [first, second] = bytes;
  if (first === 0 && second !== undefined && second !== 0) return 'utf-16be';
  return first !== undefined && first !== 0 && second === 0 ? 'utf-16le' : 'utf-8';
}

export function begins(bytes: Uint8Array, wanted: readonly number[], at = 0): boolean {
  return wanted.every((byte, i) => bytes[at + i] === byte);
}
