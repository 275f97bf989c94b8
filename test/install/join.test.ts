// The image's form of the program: modules joined into few files. It answers as the sources do, threads and all.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inPlace, joinModules } from '../../install/join.ts';
import { createTestApp } from '../support/app.ts';
import { started } from '../support/command-line.ts';
import { ask } from '../support/http.ts';
import { endPrograms, startProgram } from '../support/program.ts';
import { root } from '../support/source-tree.ts';

describe('a module that was joined finds', () => {
  test.each([
    [
      'a file beside it',
      "new URL('cri.proto', import.meta.url)",
      "new URL('cri.proto', new URL('../a/b/c.ts', import.meta.url))",
    ],
    [
      'a folder above',
      'new URL(`../x/${name}.json`, import.meta.url)',
      "new URL(`../x/${name}.json`, new URL('../a/b/c.ts', import.meta.url))",
    ],
    ['its own folder', "join(import.meta.dirname, '..')", "join((import.meta.dirname + '/../a/b'), '..')"],
    [
      'its thread',
      "new Worker(new URL('thread.ts', import.meta.url))",
      "new Worker(new URL('./a-b-thread.js', import.meta.url))",
    ],
    [
      'a thread that is written with a dot',
      "new URL('./other.ts', import.meta.url)",
      "new URL('./a-b-other.js', import.meta.url)",
    ],
    ['packages', 'createRequire(import.meta.url)', 'createRequire(import.meta.url)'],
  ])('%s', (_what, text, expected) => {
    expect(inPlace(text, join(root, 'a/b/c.ts'), join(root, 'joined'))).toBe(expected);
  });

  test.each([
    'import.meta.filename',
    'fileURLToPath(import.meta.url)',
    'const here = import.meta;',
    'import.meta.main',
  ])('nothing by `%s`: it is refused, since it would mean another place', (text) => {
    expect(() => inPlace(text, join(root, 'a/b/c.ts'), join(root, 'joined'))).toThrow('a/b/c.ts: a use of import.meta');
  });
});

describe('the joined program', () => {
  // A module is told its real place, from which the way to its source is counted.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'joined-')));
  const target = join(folder, 'joined');
  let names: readonly string[];

  beforeAll(async () => {
    mkdirSync(target);
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    symlinkSync(join(root, 'package.json'), join(folder, 'package.json'));
    names = await joinModules(target);
  }, 60_000);

  afterAll(() => {
    endPrograms();
    rmSync(folder, { recursive: true });
  });

  test('is one file for the process, one for each thread, and what they share; no file imports a source', () => {
    expect(names).toEqual(
      expect.arrayContaining([
        'main.js',
        'master-analysis-worker.js',
        'master-history-thread.js',
        'master-ingest-pages-worker.js',
        'master-views-layout-thread.js',
      ]),
    );
    const texts = names.filter((name) => name.endsWith('.js')).map((name) => readFileSync(join(target, name), 'utf8'));
    expect(texts.length).toBeGreaterThan(20);
    expect(texts.filter((text) => /(?:from |import\(?)"\.[^"]*\.ts"/.test(text))).toEqual([]);
  });

  test('names sources and their lines where it fails', async () => {
    const program = [join(target, 'main.js'), 'master', '--log-format', 'json', '--log-level', 'debug', '--port', '0'];
    const env = { KUBECONFIG: join(folder, 'no-such-file'), NODE_DISABLE_COMPILE_CACHE: '1' };
    const { status, out } = await started(process.execPath, ['--enable-source-maps', ...program], { env });
    expect(status).not.toBe(0);
    expect(out).toMatch(/\/master\/[\w/-]+\.ts:\d+:\d+/);
    expect(out).not.toMatch(/joined\/[\w-]+\.js/);
  });

  test('answers as the sources do, from its threads too', async () => {
    const program = await startProgram({
      command: [process.execPath, join(target, 'main.js')],
      args: ['demo', '--log-format', 'json'],
      env: { NODE_DISABLE_COMPILE_CACHE: '1' },
      listens: /(?<=demo cluster at )http:\/\/[\d.:]+(?=\/)/,
    });
    const get = (path: string) => ask(`${program.url}${path}`);
    await expect.poll(async () => (await get('/readyz')).status, { timeout: 40_000 }).toBe(200);
    const { app } = createTestApp();
    const [paths, expected] = [(await get('/openapi.json')).text, (await app.inject('/openapi.json')).payload].map(
      (text) => (JSON.parse(text) as { readonly paths: object }).paths,
    );
    expect(Object.keys(paths ?? {}).length).toBeGreaterThan(20);
    // A relist can be asked for here, and not where nothing is read.
    expect(paths).toMatchObject(expected ?? {});
    await app.close();
    expect((await get('/cluster/analysis?of=cycles')).status).toBe(200);
    expect((await get('/debug?format=svg&namespace=shop')).text).toMatch(/^<svg/m);
    await expect.poll(async () => (await get('/cluster/history')).status, { timeout: 40_000 }).toBe(200);
    expect(await program.end()).toBe(0);
  }, 120_000);
});
