import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { ownUrl } from '../../src/own-imports.ts';
import { filesBelow, root } from '../support/source-tree.ts';

const urlOf = (path: string) => pathToFileURL(join(root, path)).href;

/** The JSON that a separate process with this module prints. */
function printed<T>(source: string, input = ''): T {
  const args = ['--experimental-import-meta-resolve', '--input-type=module', '--eval', source];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', input })) as T;
}

test('every import line of the program that is resolved here is resolved as Node does it', () => {
  const files = ['src', 'master', 'minion', 'actor', 'cli'].flatMap(filesBelow);
  const lines = files.flatMap(({ path, imports }) =>
    imports.filter(({ file }) => file?.endsWith('.ts')).map(({ specifier }) => [specifier, urlOf(path)] as const),
  );
  expect(lines.length).toBeGreaterThan(3000);
  const byNode = printed<string[]>(
    `import { readFileSync } from 'node:fs';
    const lines = JSON.parse(readFileSync(0, 'utf8'));
    console.log(JSON.stringify(lines.map(([specifier, parent]) => import.meta.resolve(specifier, parent))));`,
    JSON.stringify(lines),
  );
  expect(lines.map(([specifier, parent]) => ownUrl(specifier, parent)?.href)).toEqual(byNode);
});

test.each([
  ['a package', 'fastify'],
  ['a package whose name ends so', 'socket.ts'],
  ['a module of Node', 'node:fs'],
  ['an import of the package by its own name', '#x.ts'],
  ['a place on the disk', '/x.ts'],
  ['a URL', 'file:///x.ts'],
  ['another kind of file', './x.json'],
  ['a module of another kind', './x.cjs'],
  ['declarations alone, by a name without an end', './x'],
  ['a query, which makes another module of it', './x.ts?again'],
  ['a hash that ends so', './x.js#.ts'],
  ['a query that ends so', './x.js?.ts'],
  ['what is encoded', './%2e%2e/x.ts'],
  ['an encoded slash, which Node refuses', './a%2fx.ts'],
])('%s is left to Node', (_what, specifier) => {
  expect(ownUrl(specifier, urlOf('src/main.ts'))).toBeUndefined();
});

test.each([
  ['a package', urlOf('node_modules/x/index.js')],
  ['a text', 'data:text/javascript,0'],
  ['nothing, as an entry is', undefined],
])('what is imported by %s is left to Node', (_what, parent) => {
  expect(ownUrl('./x.ts', parent)).toBeUndefined();
  expect(ownUrl('./x.js', parent)).toBeUndefined();
});

test('joined modules, which have no types, are resolved here as well', () => {
  expect(ownUrl('./chunk-A1B2.js', urlOf('joined/main.js'))?.href).toBe(urlOf('joined/chunk-A1B2.js'));
  const folder = mkdtempSync(join(tmpdir(), 'own-imports-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'main.js'), "export { part } from './part.js';\n");
    writeFileSync(join(folder, 'part.js'), 'export const part = import.meta.url;\n');
    const at = (name: string) => pathToFileURL(join(folder, name)).href;
    const { left, part } = printed<{ left: string[]; part: string }>(
      `import { registerHooks } from 'node:module';
      import { resolveOwnImports } from '${urlOf('src/own-imports.ts')}';
      const left = [];
      registerHooks({ resolve(specifier, context, next) { left.push(specifier); return next(specifier, context); } });
      resolveOwnImports();
      const { part } = await import('${at('main.js')}');
      console.log(JSON.stringify({ left, part }));`,
    );
    expect({ left, part }).toEqual({ left: [at('main.js')], part: at('part.js') });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a process asks Node for none of its own files, and still hears what is missing, who named it and where it fell', () => {
  const folder = mkdtempSync(join(tmpdir(), 'own-imports-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'whole.ts'), "export * from './part.ts';\nimport 'node:fs';\n");
    writeFileSync(
      join(folder, 'part.ts'),
      'interface Erased {}\nexport function fall(_: Erased) {\n  throw new Error();\n}\n',
    );
    writeFileSync(join(folder, 'broken.ts'), "import './part.ts';\nimport './gone.ts';\n");
    const at = (name: string) => pathToFileURL(join(folder, name)).href;
    const { left, missing, stack } = printed<{ left: string[]; missing: string; stack: string }>(
      `import { registerHooks } from 'node:module';
      import { resolveOwnImports } from '${urlOf('src/own-imports.ts')}';
      const left = [];
      registerHooks({ resolve(specifier, context, next) { left.push(specifier); return next(specifier, context); } });
      resolveOwnImports();
      const { fall } = await import('${at('whole.ts')}');
      let stack;
      try { fall({}); } catch (error) { stack = error.stack; }
      const missing = await import('${at('broken.ts')}').catch(({ code, message }) => code + ': ' + message);
      console.log(JSON.stringify({ left, missing, stack }));`,
    );
    expect(left).toEqual([at('whole.ts'), 'node:fs', at('broken.ts'), './gone.ts']);
    const [gone, broken] = [join(folder, 'gone.ts'), join(folder, 'broken.ts')];
    expect(missing).toBe(`ERR_MODULE_NOT_FOUND: Cannot find module '${gone}' imported from ${broken}`);
    expect(stack).toContain(`${at('part.ts')}:3:9`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
