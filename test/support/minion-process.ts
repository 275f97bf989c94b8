// A minion as a process of its own, started as its manifest starts it, and what it says of its memory and processor time.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './engines/daemon.ts';

/**
 * A minion has little to do and is on every node: the young generation is kept small and nothing is compiled to machine
 * code, which would cost more memory than it saves time. The image brings the compile cache filled: types are stripped
 * and sources compiled when it is built.
 */
export const leanFlags = ['--max-semi-space-size=1', '--no-opt', '--no-maglev', '--no-sparkplug'] as const;

export interface MinionProcess {
  readonly url: string;
  readonly pid: number;
  /** Bytes resident, and seconds of processor time so far. */
  usage(): Promise<{ readonly resident: number; readonly cpu: number }>;
  close(): Promise<void>;
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Starts it twice: the first start fills the compile cache. */
export async function startLeanMinion(socket: string): Promise<MinionProcess> {
  const cache = mkdtempSync(join(tmpdir(), 'minion-cache-'));
  await (await spawnMinion(socket, leanFlags, cache)).close();
  const minion = await spawnMinion(socket, leanFlags, cache);
  return {
    ...minion,
    async close() {
      await minion.close();
      rmSync(cache, { recursive: true, force: true });
    },
  };
}

export async function spawnMinion(
  socket: string,
  flags: readonly string[] = [],
  cache?: string,
): Promise<MinionProcess> {
  const env = { ...process.env, ...(cache ? { NODE_COMPILE_CACHE: cache } : {}) };
  const settings = ['--port', '0', '--runtime-socket', socket, '--log-format', 'json'];
  const child = spawn(process.execPath, [...flags, main, 'minion', ...settings], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (log.length < 10_000) log += chunk.toString();
  });
  const found = () => /http:\/\/127\.0\.0\.1:\d+/.exec(log)?.[0];
  await eventually('the minion to listen', 20_000, () => found() !== undefined);
  const url = found() as string;
  return { url, pid: child.pid as number, usage: () => usageOf(url), close: () => end(child) };
}

async function usageOf(url: string) {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
  return { resident: value('process_resident_memory_bytes'), cpu: value('process_cpu_seconds_total') };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(killer);
}
