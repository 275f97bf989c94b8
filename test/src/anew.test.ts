import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { calm, small, startAnew } from '../../src/anew.ts';
import { root } from '../support/source-tree.ts';

const node = '/usr/bin/node';
const argv = [node, '/app/src/main.ts', 'minion', '--port=1'];
const mark = 'CLUSTER_INSIGHT_STARTED_ANEW';
const memory = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '270336' };

interface Anew {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

interface Retention {
  readonly stripped: boolean;
  readonly execArgv?: readonly string[];
  readonly able?: boolean;
  /** Flags of a mode that loads nothing first. */
  readonly flags?: readonly string[];
}

/** What a process with this history loads, and how it restarts itself. */
async function startOf(env: NodeJS.ProcessEnv, retention: Retention) {
  const anew: Anew[] = [];
  let loads = 0;
  const { stripped, execArgv = [], able = true } = retention;
  const execve = (file: string, args: readonly string[] = [], given: NodeJS.ProcessEnv = {}): never =>
    void anew.push({ file, args, env: given }) as never;
  const way = retention.flags ? { flags: retention.flags } : { flags: small, load: async () => void loads++ };
  await startAnew(way, { env, execArgv, argv, stripped: () => stripped, ...(able ? { execve } : {}) });
  return { anew, loads };
}

test('a process restarts itself with flags, arguments, environment and cached compiled code', async () => {
  const { anew, loads } = await startOf({ A: 'b' }, { stripped: true, execArgv: ['--no-warnings'] });
  expect(loads).toBe(0);
  expect(anew).toEqual([
    {
      file: node,
      args: [
        node,
        '--no-warnings',
        expect.stringMatching(/^--max-semi-space-size=/),
        '--no-opt',
        '--no-maglev',
        ...argv.slice(1),
      ],
      env: {
        A: 'b',
        [mark]: '1',
        ...memory,
        NODE_COMPILE_CACHE: expect.stringMatching(/node_modules\/\.cache\/compiled$/),
      },
    },
  ]);
});

test('a folder of compiled code that was named is used', async () => {
  const { anew } = await startOf({ NODE_COMPILE_CACHE: '/cache' }, { stripped: false });
  expect(anew[0]?.env['NODE_COMPILE_CACHE']).toBe('/cache');
});

test("settings of threads' memory remain", async () => {
  const { anew } = await startOf({ MALLOC_ARENA_MAX: '8' }, { stripped: false });
  expect(anew[0]?.env['MALLOC_ARENA_MAX']).toBe('8');
});

test('a mode that loads nothing first restarts once, with or without cached code', async () => {
  const { anew } = await startOf({}, { stripped: true, flags: ['--one'] });
  expect(anew.map(({ args }) => args)).toEqual([[node, '--one', ...argv.slice(1)]]);
  expect(await startOf({ [mark]: '1' }, { stripped: true, flags: ['--one'] })).toEqual({ anew: [], loads: 0 });
});

test('one that was started so, as in the image, is not restarted; one that lacks a flag or a setting is', async () => {
  const env = { ...memory, NODE_COMPILE_CACHE: '/cache' };
  const [execArgv, flags] = [
    ['--enable-source-maps', '--two', '--one'],
    ['--one', '--two'],
  ];
  const restarts = async (settings: NodeJS.ProcessEnv, given: readonly string[]) =>
    (await startOf(settings, { stripped: false, flags, execArgv: given })).anew.length;
  expect(await restarts(env, execArgv)).toBe(0);
  for (const name of Object.keys(env)) expect(await restarts({ ...env, [name]: undefined }, execArgv), name).toBe(1);
  expect(await restarts(env, ['--one'])).toBe(1);
  // A minion loads all first, to know whether it was compiled.
  expect((await startOf(env, { stripped: false, execArgv: [...small] })).anew).toHaveLength(1);
});

test('the image starts a master with all that it would start itself again with', async () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const [program, ...execArgv] = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]') as string[];
  expect([program, execArgv.pop()]).toEqual(['node', '/app/joined/main.js']);
  const settings = /^ENV ((?:.*\\\n)*.*)$/gm;
  const last = [...dockerfile.matchAll(settings)].at(-1)?.[1] ?? '';
  const env = Object.fromEntries(last.split(/\s*\\\n\s*/).map((pair) => pair.split('=') as [string, string]));
  expect(env).toMatchObject(memory);
  const { anew } = await startOf(env, { stripped: false, flags: calm, execArgv });
  expect(anew).toEqual([]);
});

test('where nothing was kept yet, all is loaded once and the process starts once more, with the flags it has', async () => {
  const { anew, loads } = await startOf({ [mark]: '1' }, { stripped: true, execArgv: ['--no-opt'] });
  expect(loads).toBe(1);
  expect(anew.map(({ args, env }) => [args, env[mark]])).toEqual([[[node, '--no-opt', ...argv.slice(1)], '2']]);
});

test('continues without a restart if the cache was used: no types are stripped', async () => {
  expect(await startOf({ [mark]: '1' }, { stripped: false })).toEqual({ anew: [], loads: 1 });
});

test.each([
  ['nothing can be kept, so that it never ends up starting for ever', { [mark]: '2' }, { stripped: true }],
  ['the operating system cannot', {}, { stripped: true, able: false }],
])('it goes on where %s', async (_why, env, retention) => {
  expect(await startOf(env, retention)).toEqual({ anew: [], loads: 0 });
});

test('a minion is the process that was started, with the flags, and prints nothing of it', async () => {
  const args = ['src/main.ts', 'minion', '--port=0', '--runtime-socket=/nonexistent', '--log-level=info'];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (words += text));
  const ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    child.once('close', () => reject(new Error(`it ended, having said: ${words}`)));
    child.stdout.on('data', () => /http:\/\/127/.test(words) && resolve());
  });
  expect(readFileSync(join('/proc', String(child.pid), 'cmdline'), 'utf8')).toContain('--no-opt');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(words).not.toMatch(/warning|experimental/i);
});

test('a setting that is refused is refused, by whichever process reads it', () => {
  const run = () => execFileSync(process.execPath, ['src/main.ts', 'minion', '--port=x'], { cwd: root, stdio: 'pipe' });
  expect(run).toThrow(/CLUSTER_INSIGHT_PORT/);
});
