// The built page in memory: a few files, precompressed with gzip and brotli.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface StaticFile {
  readonly type: string;
  /** Strong, from the content. */
  readonly etag: string;
  /** The name changes with the content: no revalidation needed. */
  readonly immutable: boolean;
  readonly gzip: Buffer;
  /** Only of what a first view loads. */
  readonly br: Buffer | undefined;
  /** For clients without compression; made on demand. */
  plain(): Buffer;
}

export interface StaticFiles {
  readonly page: StaticFile;
  /** Below `/ui/`. */
  named(name: string): StaticFile | undefined;
}

/** Output folder of the page's build. */
export const builtPage = join(import.meta.dirname, '../../ui/dist');

const types: { readonly [ending: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const index = 'index.html';

/** Undefined if the page is not built. */
export function readStaticFiles(folder: string): StaticFiles | undefined {
  if (!existsSync(join(folder, `${index}.gz`))) return undefined;
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.gz'))
    .map((name) => name.slice(0, -'.gz'.length));
  const files = new Map(names.map((name) => [name, readFile(folder, name)]));
  const page = files.get(index);
  if (!page) return undefined;
  files.delete(index);
  return { page, named: (name) => files.get(name) };
}

function readFile(folder: string, name: string): StaticFile {
  const gzip = readFileSync(join(folder, `${name}.gz`));
  return {
    type: types[extname(name)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(gzip).digest('base64url').slice(0, 22)}"`,
    immutable: name !== index,
    gzip,
    br: existsSync(join(folder, `${name}.br`)) ? readFileSync(join(folder, `${name}.br`)) : undefined,
    plain: () => gunzipSync(gzip),
  };
}
