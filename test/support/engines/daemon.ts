// Starts a daemon for a test and ends it by its pid, within time limits. Shows its log if it does not start.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { accessSync, constants, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { procText } from '../../leftovers.ts';

export const run = promisify(execFile);

export interface Daemon {
  stop(): Promise<void>;
}

const comesUpWithin = 30_000;
const endsWithin = 15_000;
/** A slow or busy machine gets that many times as long: the limits of waits are there for what hangs. */
const patience = 3;

/** Resolves when something listens on `socket`, a path or a port of the loopback address. */
export async function startDaemon(
  program: string,
  args: readonly string[],
  socket: string | number,
  log: string,
): Promise<Daemon> {
  if (typeof socket === 'string') rmSync(socket, { force: true });
  const file = openSync(log, 'a');
  // containerd writes thread dumps into the temporary folder. Keep them beside its log, so that they are removed with it.
  const env = { ...process.env, TMPDIR: dirname(log) };
  const child = spawn(program, args, { stdio: ['ignore', file, file], detached: true, env });
  await eventually(`${program} to listen (${log})`, comesUpWithin, () => {
    const status = child.exitCode ?? child.signalCode;
    if (status !== null) throw new Error(`${program} ended with ${status}:\n${tail(log)}`);
    return listens(socket);
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`${String(error)}\n${tail(log)}`, { cause: error });
  });
  return { stop: () => end(child) };
}

/** Calls `look` every 50 ms until it returns true. `within`: milliseconds that it takes at most where nothing else runs. */
export async function eventually(what: string, within: number, look: () => Promise<boolean> | boolean): Promise<void> {
  const most = within * patience;
  const deadline = performance.now() + most;
  for (;;) {
    if (await look()) return;
    if (performance.now() > deadline) throw new Error(`waited ${most} ms in vain for ${what}`);
    await delay(50);
  }
}

function listens(socket: string | number): Promise<boolean> {
  return new Promise((resolve) => {
    const connection =
      typeof socket === 'string' ? createConnection(socket) : createConnection({ port: socket, host: '127.0.0.1' });
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), endsWithin);
  await ended;
  clearTimeout(killer);
}

function tail(log: string): string {
  return readFileSync(log, 'utf8').split('\n').slice(-30).join('\n');
}

/** Whether a program is on the path or in the folders of daemons. */
export function isInstalled(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Ends what still runs for `dir`, unmounts everything below it, deepest first, and removes it. On a busy machine a daemon may end
 * before the shims of its containers have.
 */
export async function removeAll(dir: string): Promise<void> {
  endProcessesOf(dir);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${dir}/`))
    .toSorted((a, b) => b.length - a.length);
  for (const mount of mounts) await run('umount', ['-l', mount]).catch(() => undefined);
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}

/** Shims with a path below `dir` among their arguments, and their children: containers. */
function endProcessesOf(dir: string): void {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const isShim = (command: string) => /^[^\0]*containerd-shim/.test(command) && command.includes(`${dir}/`);
  const found = new Set(pids.filter((pid) => isShim(procText(`/proc/${pid}/cmdline`))));
  // proc(5): the parent follows the state, after the name in parentheses.
  const parentOf = (pid: number) => Number(/.*\) \S (\d+)/s.exec(procText(`/proc/${pid}/stat`))?.[1]);
  const children = pids.filter((pid) => found.has(parentOf(pid)));
  for (const pid of [...found, ...children]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}
