// The program as a process: what it prints, how it exits.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { settings } from '../../src/settings/config.ts';
import { root } from '../support/source-tree.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

interface Program {
  readonly child: ChildProcess;
  /** Standard output and error so far. */
  words(): string;
  /** Resolves when the words match. */
  says(pattern: RegExp): Promise<void>;
  readonly exit: Promise<number | NodeJS.Signals | null>;
}

function program(args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  const clean = { PATH: process.env['PATH'], HOME: '/nonexistent', ...env };
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), ...args], {
    env: clean,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let words = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (words += text));
  const exit = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal)),
  );
  const says = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => pattern.test(words) && resolve();
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.on('close', () => reject(new Error(`it ended, having said: ${words}`)));
      look();
    });
  return { child, words: () => words, says, exit };
}

const socket = { CLUSTER_INSIGHT_RUNTIME_SOCKET: '/nonexistent/engine.sock', CLUSTER_INSIGHT_PORT: '0' };

test('--help lists every flag and exits with 0', async () => {
  const { exit, words } = program(['--help']);
  expect(await exit).toBe(0);
  for (const { flag } of settings) expect(words()).toContain(`--${flag} `);
});

test('a bad setting is one line on standard error and exit status 2', async () => {
  const { exit, words } = program([], { CLUSTER_INSIGHT_PORT: 'http' });
  expect(await exit).toBe(2);
  expect(words()).toBe('cluster-insight: CLUSTER_INSIGHT_PORT must be a whole number from 0 to 65535, not "http"\n');
});

test('a port that is taken is one line with advice, exit status 1 and no stack', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.on('listening', resolve));
  const { port } = taken.address() as { port: number };
  const { exit, words } = program(['minion'], { ...socket, CLUSTER_INSIGHT_PORT: String(port) });
  expect(await exit).toBe(1);
  taken.close();
  expect(words()).toMatch(/^cluster-insight: .*CLUSTER_INSIGHT_PORT.*$/m);
  expect(words()).not.toMatch(/^\s+at /m);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it with exit status 0', async (signal) => {
  const one = program(['minion'], socket);
  await one.says(/http:\/\/127\.0\.0\.1:\d+/);
  one.child.kill(signal);
  expect(await one.exit).toBe(0);
});

test('two interrupts at once, as npm and the terminal send them, still end it with 0', async () => {
  const one = program(['minion'], socket);
  await one.says(/http:\/\/127\.0\.0\.1:\d+/);
  one.child.kill('SIGINT');
  one.child.kill('SIGINT');
  expect(await one.exit).toBe(0);
});
