// install/setup.sh in a folder of its own, with an npm that only records its arguments.
import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from '../support/source-tree.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setup-test-'));
  mkdirSync(join(folder, 'install'));
  mkdirSync(join(folder, 'bin'));
  cpSync(join(root, 'install/setup.sh'), join(folder, 'install/setup.sh'));
  writeFileSync(join(folder, 'package-lock.json'), '{}\n');
  script(
    'bin/npm',
    'echo "$*" >>asked; env | grep "^PATH=" >path; [ -z "${NPM_FAILS:-}" ] || { echo "no registry"; exit 1; }; ' +
      installs,
  );
  script('node-of-package', 'echo "${PINNED:-26}"');
});

afterEach(() => rmSync(folder, { recursive: true }));

const installs =
  'mkdir -p node_modules/.bin; cp node-of-package node_modules/.bin/node; echo {} >node_modules/.package-lock.json; ' +
  'case $1 in ci) touch node_modules/.bin/vitest ;; esac';

function script(path: string, text: string): void {
  writeFileSync(join(folder, path), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, path), 0o755);
}

interface Result {
  readonly status: number;
  readonly words: string;
}

function setup(env: NodeJS.ProcessEnv = {}): Promise<Result> {
  const path = `${join(folder, 'node_modules/.bin')}:${join(folder, 'bin')}:/usr/bin:/bin`;
  return new Promise((resolve) => {
    execFile(
      'sh',
      ['install/setup.sh', ...(env['WHAT'] === undefined ? [] : [env['WHAT']])],
      { cwd: folder, env: { PATH: path, TMPDIR: folder, ...env } },
      (error, out, err) => resolve({ status: error === null ? 0 : Number(error.code), words: out + err }),
    );
  });
}

function asked(): string[] {
  const path = join(folder, 'asked');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

test('a fresh clone gets what runs, and the Node that the lock file names, said in one line', async () => {
  writeFileSync(join(folder, 'package-lock.json'), lock);
  const { status, words } = await setup();
  expect([status, words.trim().split('\n').length]).toEqual([0, 1]);
  expect(words).toMatch(/^setup: installing 1 packages?, mostly within a minute/);
  expect(asked()).toEqual([
    expect.stringMatching(/^ci --omit=dev /),
    expect.stringMatching(/^install --no-save .*--omit=dev node@26\.10\.0 /),
  ]);
});

test('the tests get everything, and what is there already stays', async () => {
  writeFileSync(join(folder, 'package-lock.json'), lock);
  expect((await setup({ WHAT: 'tests' })).words).toMatch(/^setup: installing 3 packages/);
  expect(asked()).toEqual([expect.stringMatching(/^ci --include=dev /)]);
  rmSync(join(folder, 'asked'));
  rmSync(join(folder, 'node_modules/.bin/vitest'));
  await setup();
  expect(asked()).toEqual([]);
  await setup({ WHAT: 'tests' });
  expect(asked()).toEqual([expect.stringMatching(/^install --no-save --include=dev /)]);
});

const lock = `{
  "packages": {
    "node_modules/a": {
      "version": "1.0.0"
    },
    "node_modules/a-win32": {
      "version": "1.0.0",
      "dev": true,
      "optional": true,
      "os": ["win32"]
    },
    "node_modules/node": {
      "version": "26.10.0",
      "dev": true
    },
    "node_modules/vitest": {
      "version": "5.0.0",
      "dev": true
    }
  }
}
`;

test('the npm that installs does not run on the Node it replaces', async () => {
  await setup();
  expect(readFileSync(join(folder, 'path'), 'utf8')).not.toContain('node_modules/.bin');
});

test('does nothing, silently, if the packages are installed', async () => {
  await setup();
  expect(await setup()).toEqual({ status: 0, words: '' });
  expect(asked()).toHaveLength(2);
});

test('a lock file that changed later installs again', async () => {
  await setup();
  writeFileSync(join(folder, 'package-lock.json'), '{"changed":true}\n');
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(folder, 'package-lock.json'), later, later);
  expect((await setup()).words).toMatch(/installing/);
  expect(asked()).toHaveLength(4);
});

test('what the developer installed after the lock file changed is left alone', async () => {
  await setup();
  writeFileSync(join(folder, 'package-lock.json'), '{"changed":true}\n');
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(folder, 'node_modules/.package-lock.json'), later, later);
  expect(await setup()).toEqual({ status: 0, words: '' });
});

test('where npm cannot install, its own words are shown and what to do', async () => {
  const { status, words } = await setup({ NPM_FAILS: 'yes' });
  expect(status).toBe(1);
  expect(words).toContain('no registry');
  expect(words).toMatch(/setup: the packages could not be installed/);
  expect(asked().map((line) => line.split(' ')[0])).toEqual(['ci', 'install']);
});

test('a pinned Node that is absent or too old is said with what to do', async () => {
  script('node-of-package', 'exit 1');
  expect(await setup()).toMatchObject({ status: 1, words: expect.stringMatching(/ignore-scripts=true/) });
  script('node_modules/.bin/node', 'echo 20');
  expect(await setup()).toMatchObject({ status: 1, words: expect.stringMatching(/older than 24/) });
});
