// In a process of its own: what is loaded once stays loaded.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/source-tree.ts';

/** Modules of Node that a start loads after these were. */
function loadedLater(...statements: readonly string[]): readonly string[] {
  const script = `
    import { loadBuiltins } from ${JSON.stringify(join(root, 'src/builtins.ts'))};
    import { loadPackages } from ${JSON.stringify(join(root, 'src/packages.ts'))};
    await loadBuiltins();
    const before = new Set(process.moduleLoadList);
    ${statements.join(';\n')};
    const later = process.moduleLoadList.filter((each) => each.startsWith('NativeModule ') && !before.has(each));
    console.log(JSON.stringify(later.map((each) => each.slice(13))));
  `;
  const args = ['--input-type=module', '--eval', script];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', cwd: root })) as string[];
}

test('no package and no module of a master loads a module of Node that was not loaded before', () => {
  const later = loadedLater('loadPackages()', "await import('./master/start.ts')");
  // What strips types is no part of a start with compiled code.
  const ofTypes = /typescript|amaro/;
  expect(later.filter((name) => name !== 'process' && !ofTypes.test(name))).toEqual([]);
});

test('the client that an import of node:http brings along is not loaded', () => {
  const all = loadedLater("before.forEach((each) => before.delete(each)); await import('./master/start.ts')");
  expect(all).toContain('http2');
  expect(all.filter((name) => name.includes('undici'))).toEqual([]);
});
