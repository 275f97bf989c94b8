// Under a Node that is too old the command runs by the one that the project brings.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { executable } from '../support/command-line.ts';

let folder: string;
let started: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'older-node-'));
});
afterEach(() => {
  started?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** The command under a Node that says it is an old one; its input stays open. */
function underOldNode(...args: string[]) {
  const old = join(folder, 'old.cjs');
  writeFileSync(old, `Object.defineProperty(process.versions, 'node', { value: '20.20.2' });`);
  const child = spawn(process.execPath, ['--require', old, executable, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  started = child;
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  return { child, ended };
}

/** Processes that it started. */
function childrenOf({ pid }: ChildProcess): number[] {
  const told = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return told === '' ? [] : told.split(' ').map(Number);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('it answers, and ends with its status', async () => {
  const { child, ended } = underOldNode('get', 'pods', '-f', '-', '-o', 'name');
  let out = '';
  child.stdout?.on('data', (text) => (out += String(text)));
  child.stdin?.end(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'default' } }));
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(out).toBe('Pod:default/a\n');
  expect(await underOldNode('frobnicate').ended).toEqual({ code: 2, signal: null });
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends the process that does the work, too', async (signal) => {
  const { child, ended } = underOldNode('get', 'pods', '-f', '-');
  await expect.poll(() => childrenOf(child)).toHaveLength(1);
  const [working = 0] = childrenOf(child);
  child.kill(signal);
  expect(await ended).toEqual({ code: null, signal });
  expect(isThere(working)).toBe(false);
});
