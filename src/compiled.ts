// Compiled code is kept from one start to the next: without it each start strips types and compiles anew, which is half a
// second, and 18 MB that stay with what strips them.
import { enableCompileCache, getCompileCacheDir } from 'node:module';
import { join } from 'node:path';

/** Below the packages, where nobody writes but who installed them: code from a folder open to all would be anybody's code. */
export const compiledFolder = join(import.meta.dirname, '../node_modules/.cache/compiled');

/** What is loaded from now on is kept where the folder can be written to; where it cannot, nothing changes. */
export function keepCompiled(): void {
  enableCompileCache(compiledFolder);
}

/** The variables with which a thread of this process keeps its code in the same place. */
export function compiledVariables(): { readonly [name: string]: string } {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}
