// How texts get small: zstd with another text as its dictionary, since two versions of one object are nearly the same. Each
// frame carries a checksum: without it a wrong dictionary gives another text and no error.
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { fault } from '../../src/errors.ts';

/** Bytes that are asked for at a time. What is made is mostly small, and each time they are asked for anew. */
const smallest = 1024;

const params = {
  [constants.ZSTD_c_compressionLevel]: 1,
  [constants.ZSTD_c_checksumFlag]: 1,
};
/** One text is never larger: an object of the API has two megabytes at most, a block thirty-two of them. */
const largest = 1 << 30;

/** `base` is what `expand` will be given, too. */
export function compact(text: Uint8Array, base?: Uint8Array): Buffer {
  const chunkSize = Math.max(smallest, base ? 0 : text.length >> 2);
  return zstdCompressSync(text, {
    params,
    chunkSize,
    pledgedSrcSize: text.length,
    ...(base ? { dictionary: base } : {}),
  });
}

/** @throws Fault `history_damaged` where it is not what `compact` made with that base. */
export function expand(data: Uint8Array, base?: Uint8Array): Buffer {
  try {
    const chunkSize = Math.max(smallest, base ? base.length + (base.length >> 2) : data.length * 12);
    return zstdDecompressSync(data, { maxOutputLength: largest, chunkSize, ...(base ? { dictionary: base } : {}) });
  } catch (error) {
    throw damaged('a text cannot be read back', error);
  }
}

export type Part = string | number | Uint8Array | null;

/** The sum of a row: kept beside it, and compared whenever it is read. */
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
