// Copies runtime packages from node_modules to vendor/, so that `docker build` needs no registry: `npm run vendor`. Takes
// all packages of the lock file that are not for development.
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

interface LockEntry {
  readonly dev?: boolean;
  readonly optional?: boolean;
}

/** Paths below node_modules of packages that are not for development. */
export function productionPackages(packages: { readonly [place: string]: LockEntry }): string[] {
  const places = Object.entries(packages).filter(([place, entry]) => place !== '' && !entry.dev);
  return places.map(([place]) => place).toSorted();
}

const needless = /\.(map|md|d\.[cm]?ts)$/;

/** Nested packages have entries of their own; files that no program reads are skipped. */
function isWanted(place: string, file: string): boolean {
  const inside = relative(place, file);
  return !inside.split(/[\\/]/).includes('node_modules') && !needless.test(basename(file));
}

/** @throws if a required package is not installed. */
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
