// The encodings an answer can take, best first. https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding
import { type Duplex } from 'node:stream';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import Negotiator from 'negotiator';

export interface Encoding {
  readonly name: string;
  /** A whole text, off the main thread. */
  whole(text: Buffer): Promise<Buffer>;
  stream(): Duplex;
}

const { constants } = zlib;

const zstd: Encoding = {
  name: 'zstd',
  whole: (text) => promisify(zlib.zstdCompress)(text, zstdOptions),
  stream: () => zlib.createZstdCompress(zstdOptions),
};
export const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

const brotli: Encoding = {
  name: 'br',
  whole: (text) => promisify(zlib.brotliCompress)(text, brotliOptions(text.length < 1 << 20 ? 5 : 1)),
  stream: () => zlib.createBrotliCompress(brotliOptions(1)),
};

/** Beyond a low quality brotli is slower than any network this goes over. */
function brotliOptions(quality: number): zlib.BrotliOptions {
  return {
    params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
  };
}

const gzip: Encoding = {
  name: 'gzip',
  whole: (text) => promisify(zlib.gzip)(text, gzipOptions),
  stream: () => zlib.createGzip(gzipOptions),
};
export const gzipOptions = { level: 3 };

export const encodings: readonly Encoding[] = [zstd, gzip, brotli];

/**
 * The one that the reader likes best, ours where several are liked alike; undefined for none. For what is short enough to
 * be kept whole brotli is as good as the others.
 */
export function acceptedEncoding(accept: string | undefined): Encoding | undefined {
  if (accept === undefined) return undefined;
  const offered = encodings.map(({ name }) => name);
  const preferred = new Negotiator({ headers: { 'accept-encoding': accept } }).encodings([...offered, 'identity']);
  return encodings.find(({ name }) => name === first(accept, preferred, offered));
}

/** Browsers and clients list all they know without a preference: then it is ours that counts. */
function first(accept: string, preferred: readonly string[], offered: readonly string[]): string | undefined {
  if (/;\s*q=/i.test(accept)) return preferred[0];
  return offered.find((name) => preferred.includes(name));
}
