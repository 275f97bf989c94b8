// A minion in a separate process, with its memory and processor time.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eventually } from './engines/daemon.ts';

export interface MinionProcess {
  readonly url: string;
  readonly pid: number;
  /** Resident bytes, and seconds of processor time so far. */
  usage(): Promise<{ readonly resident: number; readonly cpu: number }>;
  close(): Promise<void>;
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** With tracefs for it alone. */
const traced = ['unshare', '-m', 'sh', '-c', 'mount -t tracefs nodev /sys/kernel/tracing && exec "$0" "$@"'];

/** It restarts itself in the same process before it listens. `probes` names those that run; `tcp` needs root. */
export async function spawnMinion(socket: string, probes: readonly string[] = []): Promise<MinionProcess> {
  const settings = ['--port', '0', '--runtime-socket', socket, '--log-format', 'json'];
  if (probes.length > 0) settings.push('--probes', probes.join(','));
  const [command, ...first] = [...(probes.includes('tcp') ? traced : []), process.execPath];
  const child = spawn(command, [...first, main, 'minion', ...settings], {
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
