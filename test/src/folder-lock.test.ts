// A folder is used by one process at a time, however the previous one ended.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from '../../src/folder-lock.ts';
import { root as source } from '../support/source-tree.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ci-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a second user of the folder is refused by the name of the setting, until the first gives it up', () => {
  const unlock = lockFolder(join(folder, 'new'), 'THE_SETTING');
  expect(() => lockFolder(join(folder, 'new'), 'THE_SETTING')).toThrow(/^THE_SETTING .*another process uses/);
  unlock();
  lockFolder(join(folder, 'new'), 'THE_SETTING')();
});

test('a lock goes with its process, also one that is killed', async () => {
  const program = `import { lockFolder } from ${JSON.stringify(join(source, 'src/folder-lock.ts'))};
    lockFolder(${JSON.stringify(folder)}, 'X'); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  expect(() => lockFolder(folder, 'X')).toThrow(/another process uses/);
  child.kill('SIGKILL');
  await gone;
  lockFolder(folder, 'X')();
});

test('what is no folder, and what cannot be written, is said', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => lockFolder(join(folder, 'file'), 'X')).toThrow(/^X names a folder that cannot be written to/);
});
