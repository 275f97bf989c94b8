// Bytes that are kept for long. What zlib answers is a slice of a larger block, often one that many small buffers share: kept
// as it is, two kilobytes hold sixty-four, and a limit in bytes means nothing.

/** The same bytes in memory that holds nothing else. */
export function inOwnMemory(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength === bytes.length) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
