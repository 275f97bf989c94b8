// The repository's sources and their imports, for docs and the house test.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export interface Import {
  /** As written: a package name or relative path. */
  readonly specifier: string;
  /** The imported file, relative to the repository; undefined for packages. */
  readonly file?: string;
  /** Erased at run time. */
  readonly typeOnly: boolean;
  /** `import()`, performed on demand. */
  readonly dynamic: boolean;
}

export interface SourceFile {
  /** Relative to the repository, such as `master/kinds/pod.ts`. */
  readonly path: string;
  readonly folder: string;
  /** Without folder and extension. */
  readonly name: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export const root: string = join(import.meta.dirname, '..');

/** All TypeScript files below a folder of the repository, sorted. */
export function filesBelow(folder: string): SourceFile[] {
  const paths = globSync(`${folder}/**/*.ts`, { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  return paths.toSorted().map(readSource);
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function readSource(path: string): SourceFile {
  const text = readText(path);
  const folder = dirname(path);
  const name = path.slice(folder.length + 1, -'.ts'.length);
  return { path, folder, name, text, imports: importsOf(text, folder) };
}

const staticImport = /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;
const dynamicImport = /\bimport\(\s*'([^']+)'\s*\)/g;

export function importsOf(text: string, folder: string): Import[] {
  const fixed = [...text.matchAll(staticImport)].map(([, type, specifier = '']) => ({
    specifier,
    typeOnly: type !== undefined,
    dynamic: false,
  }));
  const lazy = [...text.matchAll(dynamicImport)].map(([, specifier = '']) => ({
    specifier,
    // `import('x').Name` in a type has no `await` or `.then` beside it; counting it does no harm.
    typeOnly: false,
    dynamic: true,
  }));
  return [...fixed, ...lazy].map((one) => ({ ...one, ...target(one.specifier, folder) }));
}

function target(specifier: string, folder: string): { file?: string } {
  return specifier.startsWith('.') ? { file: normalize(join(folder, specifier)).replaceAll('\\', '/') } : {};
}

/** Whether an import is of this package or a path within it. */
export function isPackage({ specifier }: Import, name: string): boolean {
  return specifier === name || specifier.startsWith(`${name}/`);
}
