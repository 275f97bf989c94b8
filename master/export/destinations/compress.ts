// Compresses pages in the runtime's threads.
import { promisify } from 'node:util';
import { gzip as gzipWith, zstdCompress as zstdWith } from 'node:zlib';

export type Compression = 'gzip' | 'zstd' | 'none';

const gzip = promisify(gzipWith);
const zstd = promisify(zstdWith);

export const suffixes: { readonly [name in Compression]: string } = { gzip: '.gz', zstd: '.zst', none: '' };

export function compressed(body: Buffer, compression: Compression): Promise<Buffer> {
  if (compression === 'gzip') return gzip(body);
  if (compression === 'zstd') return zstd(body);
  return Promise.resolve(body);
}
