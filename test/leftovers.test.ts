import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { leftFolders, leftProcesses, markName } from './leftovers.ts';
import { eventually } from './support/engines/daemon.ts';

test('folders that were not there before are left over', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leftovers-'));
  mkdirSync(join(folder, 'there-before'));
  mkdirSync(join(folder, 'granted-x'));
  expect(leftFolders(folder, ['there-before'])).toEqual(['granted-x']);
  expect(leftFolders(folder, ['there-before', 'granted-x'])).toEqual([]);
  rmSync(folder, { recursive: true });
});

test.each([
  [
    'its mark, in a session of its own',
    (mark: string) => spawn('sleep', ['60'], { env: { [markName]: mark }, detached: true }),
    false,
  ],
  ['the session of the run, without its mark', () => spawn('sleep', ['60'], { env: {}, detached: true }), true],
])('a process that has %s is left over until it ends', async (_what, start, leads) => {
  const mark = `leftovers-${process.pid}-${leads}`;
  const child = start(mark);
  const found = () => leftProcesses(mark, leads ? child.pid : undefined).map(({ pid }) => pid);
  await eventually('the process to be seen', 30_000, () => found().includes(child.pid ?? 0));
  expect(leftProcesses(`${mark}-other`)).toEqual([]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(found()).toEqual([]);
});
