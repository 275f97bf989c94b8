// Resolves the program's own imports (`./x.ts`, and `./x.js` where modules are joined) by joining URLs. Node resolves each import line
// by itself, with several looks at the disk and an entry in a cache: some 3,500 lines at a start of a master, though they name 700 files
// by where they lie.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

const own = /^\.\.?\/[\w./-]+\.[jt]s$/;

/**
 * The URL at which a relative `specifier` that ends in `.ts` or `.js` lies; undefined for all others, and within packages. Node
 * would follow a link that lies there: none does.
 */
export function ownUrl(specifier: string, parent: string | undefined): URL | undefined {
  if (!own.test(specifier)) return undefined;
  if (!parent?.startsWith('file:') || parent.includes('/node_modules/')) return undefined;
  return new URL(specifier, parent);
}

/** For all that this thread imports from now on. Nothing is done in an installed package, which lies where packages do. */
export function resolveOwnImports(): void {
  const found = new Set<string>();
  registerHooks({
    resolve(specifier, context, next) {
      const at = ownUrl(specifier, context.parentURL);
      // Node says best what is missing, and where it was imported.
      if (at === undefined || !(found.has(at.href) || existsSync(at))) return next(specifier, context);
      found.add(at.href);
      return { url: at.href, format: specifier.endsWith('.ts') ? 'module-typescript' : 'module', shortCircuit: true };
    },
  });
}
