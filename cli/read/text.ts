// Decodes text: UTF-8, or UTF-16 as from PowerShell, with or without a byte order mark.

const marks: readonly { readonly bytes: readonly number[]; readonly encoding: string }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

/**
 * Drops the byte order mark. Invalid bytes become U+FFFD.
 * @throws Error for UTF-32, which kubectl does not read either.
 */
export function textOfBytes(bytes: Uint8Array): string {
  if (begins(bytes, [0xff, 0xfe, 0, 0]) || begins(bytes, [0, 0, 0xfe, 0xff]))
    throw new Error('UTF-32 is not read: save it as UTF-8');
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

/** Manifests and JSON start with an ASCII character, which has a zero byte in UTF-16. */
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
