// Copies the packages that the image runs with from node_modules to vendor/, so that `docker build` needs no registry:
// `npm run vendor`. The lock file says which: all that are no development packages.
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

interface LockEntry {
  readonly dev?: boolean;
  readonly optional?: boolean;
}

/** Places below node_modules of what is installed without development packages. */
export function productionPackages(packages: { readonly [place: string]: LockEntry }): string[] {
  const places = Object.entries(packages).filter(([place, entry]) => place !== '' && !entry.dev);
  return places.map(([place]) => place).toSorted();
}

const needless = /\.(map|md|d\.[cm]?ts)$/;

/** Packages within a package have places of their own; what no program reads stays behind. */
function isWanted(place: string, file: string): boolean {
  const inside = relative(place, file);
  return !inside.split(/[\\/]/).includes('node_modules') && !needless.test(basename(file));
}

/** @throws where a package that must be there is not installed. */
export function vendor(root: string, to: string): number {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: { readonly [place: string]: LockEntry };
  };
  rmSync(to, { recursive: true, force: true });
  const places = productionPackages(packages).filter((place) => {
    if (existsSync(join(root, place))) return true;
    if (packages[place]?.optional) return false;
    throw new Error(`${place} is not installed; run npm ci first`);
  });
  for (const place of places) {
    const from = join(root, place);
    cpSync(from, join(to, place), { recursive: true, dereference: true, filter: (file) => isWanted(from, file) });
  }
  return places.length;
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  process.stdout.write(`vendor: ${vendor(root, join(root, 'vendor'))} packages\n`);
}
