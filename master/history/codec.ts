// Compresses texts with zstd and another text as dictionary, since versions of an object are similar. Each frame has a
// checksum: without it a wrong dictionary would yield another text instead of an error.
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { fault } from '../../src/errors.ts';

/** Initial buffer size in bytes: results are mostly small, and each needs a new buffer. */
const smallest = 1024;

const params = {
  [constants.ZSTD_c_compressionLevel]: 1,
  [constants.ZSTD_c_checksumFlag]: 1,
};
/** Maximum size of a text: an API object has at most two megabytes, a block 32 objects. */
const largest = 1 << 30;
/** Larger texts get more memory as they are expanded. */
const largestGuess = 16 << 20;

/** `expand` needs the same `base`. */
export function compact(text: Uint8Array, base?: Uint8Array): Buffer {
  const chunkSize = Math.max(smallest, base ? 0 : text.length >> 2);
  return zstdCompressSync(text, {
    params,
    chunkSize,
    pledgedSrcSize: text.length,
    ...(base ? { dictionary: base } : {}),
  });
}

/** @throws Fault `history_damaged` if the data is not from `compact` with that base. */
export function expand(data: Uint8Array, base?: Uint8Array): Buffer {
  try {
    // One byte more than needed: zlib allocates another buffer if one is full.
    const chunkSize = Math.max(smallest, Math.min(sizeIn(data), largestGuess) + 1);
    return zstdDecompressSync(data, { maxOutputLength: largest, chunkSize, ...(base ? { dictionary: base } : {}) });
  } catch (error) {
    throw damaged('a text cannot be read back', error);
  }
}

/** The size in the frame's header, 0 if unknown: https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.1 */
function sizeIn(frame: Uint8Array): number {
  const { buffer, byteOffset, length } = frame;
  if (length < 14) return 0;
  const view = new DataView(buffer, byteOffset, length);
  const descriptor = view.getUint8(4);
  const isSingle = (descriptor >> 5) & 1;
  const at = 5 + (isSingle ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  switch (descriptor >> 6) {
    case 0:
      return isSingle ? view.getUint8(at) : 0;
    case 1:
      return view.getUint16(at, true) + 256;
    case 2:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}

export type Part = string | number | Uint8Array | null;

/** Checksum of a row: stored with it and verified on each read. */
export function sumOf(...parts: readonly Part[]): number {
  let sum = 0;
  for (const part of parts) {
    sum = crc32(typeof part === 'number' ? `#${part}` : part === null ? '~' : part, sum);
    sum = crc32('\u0000', sum);
  }
  return sum;
}

/** @throws Fault `history_damaged`. */
export function check(sum: unknown, ...parts: readonly Part[]): void {
  if (sum !== sumOf(...parts)) throw damaged('a row is not what was written');
}

export function damaged(reason: string, cause?: unknown) {
  return fault('history_damaged', { reason }, cause);
}
