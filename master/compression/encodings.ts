// Supported encodings, best first. https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import Negotiator from 'negotiator';
import { inOwnMemory } from '../../src/own-memory.ts';

export interface Encoding {
  readonly name: string;
  /** A whole text, off the main thread, in memory of its own. */
  whole(text: Buffer): Promise<Buffer>;
  stream(): Duplex;
}

const { constants } = zlib;

const zstd: Encoding = {
  name: 'zstd',
  whole: async (text) => inOwnMemory(await promisify(zlib.zstdCompress)(text, zstdOptions)),
  stream: () => zlib.createZstdCompress(zstdOptions),
};
export const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

const brotli: Encoding = {
  name: 'br',
  whole: async (text) =>
    inOwnMemory(await promisify(zlib.brotliCompress)(text, brotliOptions(text.length < 1 << 20 ? 5 : 1))),
  stream: () => zlib.createBrotliCompress(brotliOptions(1)),
};

/** Above a low quality brotli is slower than the network. */
function brotliOptions(quality: number): zlib.BrotliOptions {
  return {
    params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
  };
}

const gzip: Encoding = {
  name: 'gzip',
  whole: async (text) => inOwnMemory(await promisify(zlib.gzip)(text, gzipOptions)),
  stream: () => zlib.createGzip(gzipOptions),
};
export const gzipOptions = { level: 3 };

export const encodings: readonly Encoding[] = [zstd, gzip, brotli];

/**
 * The reader's preferred encoding, ours if several are equal; undefined for none. For short cached answers brotli is
 * suitable too.
 */
export function acceptedEncoding(accept: string | undefined): Encoding | undefined {
  if (accept === undefined) return undefined;
  const offered = encodings.map(({ name }) => name);
  const preferred = new Negotiator({ headers: { 'accept-encoding': accept } }).encodings([...offered, 'identity']);
  return encodings.find(({ name }) => name === first(accept, preferred, offered));
}

/** Clients usually list everything without a preference: ours counts then. */
function first(accept: string, preferred: readonly string[], offered: readonly string[]): string | undefined {
  if (/;\s*q=/i.test(accept)) return preferred[0];
  return offered.find((name) => preferred.includes(name));
}
