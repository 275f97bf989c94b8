// Which tests reach a file through imports and threads: first those of the same folder, nearest first.
import { join } from 'node:path';
import { filesBelow, type SourceFile } from '../support/source-tree.ts';

/** These start engines or processes, which load the original file instead of the mutant. */
const real = /^test\/(engines|e2e|bench|mutants)\/|\/engines\.test\.ts$|^test\/house\.test\.ts$/;

/** Programs that tests start as processes, and their first files. */
const programs: { readonly [path: string]: readonly string[] } = {
  'cli/kubectl-insight.js': ['cli/main.ts', 'src/main.ts'],
  'src/main.ts': ['src/main.ts'],
};

export function createReach(): (path: string) => string[] {
  const files = ['src', 'master', 'minion', 'cli', 'install', 'test', 'ui', 'actor'].flatMap(filesBelow);
  const importers = importersOf(files);
  return (path) => {
    const distance = new Map([[path, 0]]);
    for (const [file, steps] of distance) {
      for (const importer of importers.get(file) ?? []) if (!distance.has(importer)) distance.set(importer, steps + 1);
    }
    const mirrored = `test/${path.replace(/\.ts$/, '.test.ts')}`;
    const tests = [...distance.keys()].filter((file) => file.endsWith('.test.ts') && !real.test(file));
    const far = (file: string) => distance.get(file) as number;
    return tests.toSorted(
      (a, b) => foldersInCommon(b, mirrored) - foldersInCommon(a, mirrored) || far(a) - far(b) || (a < b ? -1 : 1),
    );
  };
}

/** How many names two paths begin with in common: most for a test and the test that mirrors a file. */
function foldersInCommon(a: string, b: string): number {
  const others = b.split('/');
  const first = a.split('/').findIndex((name, i) => name !== others[i]);
  return first < 0 ? others.length : first;
}

function importersOf(files: readonly SourceFile[]): Map<string, string[]> {
  const importers = new Map<string, string[]>();
  const add = (file: string, path: string) => importers.set(file, [...(importers.get(file) ?? []), path]);
  for (const { path, folder, text, imports } of files) {
    for (const { file, typeOnly } of imports) if (file !== undefined && !typeOnly) add(file, path);
    for (const [, url = ''] of text.matchAll(/new URL\('([\w./-]+\.ts)', import\.meta\.url\)/g))
      add(join(folder, url), path);
    for (const [program, begins] of Object.entries(programs))
      if (path.startsWith('test/') && text.includes(`'${program}'`)) for (const file of begins) add(file, path);
  }
  return importers;
}
