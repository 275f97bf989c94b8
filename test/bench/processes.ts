// The processes of a bench: started, observed through /proc, and ended by pid.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Churned, Sample } from './churn.ts';
import { read } from './http.ts';
import type { Order, Ready } from './server.ts';
import type { ClusterName } from './sizes.ts';

const root = join(import.meta.dirname, '../..');

export interface ApiProcess extends Ready {
  readonly kubeconfigFile: string;
  relist(): void;
  /** If a namespace is given, in it only. */
  churn(rate: number, seconds: number, onSample: (sample: Sample) => void, namespace?: string): Promise<Churned>;
  close(): Promise<void>;
}

export async function startApi(folder: string, name: ClusterName, parts: number, seed: number): Promise<ApiProcess> {
  const child = fork(join(root, 'test/bench/server.ts'), [name, String(parts), String(seed)], {
    execArgv: ['--max-old-space-size=6144'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const failed = once(child, 'exit').then(() => Promise.reject(new Error('the API server ended before it was ready')));
  const [ready] = (await Promise.race([once(child, 'message'), failed])) as [Ready];
  failed.catch(() => undefined);
  const kubeconfigFile = join(folder, `kubeconfig-${name}-${parts}`);
  writeFileSync(kubeconfigFile, JSON.stringify(ready.kubeconfig));
  const order = (what: Order) => child.send(what);
  return {
    ...ready,
    kubeconfigFile,
    relist: () => void order({ do: 'relist' }),
    churn(rate, seconds, onSample, namespace) {
      return new Promise((resolve) => {
        const listen = (message: Churned | Sample) => {
          if (message.kind === 'sample') return onSample(message);
          child.off('message', listen);
          resolve(message);
        };
        child.on('message', listen);
        order({ do: 'churn', rate, seconds, ...(namespace !== undefined && { namespace }) });
      });
    },
    close: () => end(child),
  };
}

export interface MasterProcess {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the start of the process to ready. */
  readonly readyAfter: number;
  memory(): Memory;
  /** Resets the peak. */
  resetPeak(): void;
  /** Processor time of all threads so far, in milliseconds. */
  cpu(): number;
  close(): Promise<void>;
}

/** Bytes, as the operating system counts them. */
export interface Memory {
  readonly peak: number;
  readonly resident: number;
}

export interface MasterOptions {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly nodeOptions?: readonly string[];
  /** Milliseconds. */
  readonly patience?: number;
}

export async function startMaster({
  folder,
  kubeconfig,
  nodeOptions = [],
  patience = 600_000,
}: MasterOptions): Promise<MasterProcess> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, join(root, 'src/main.ts'), 'master'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      KUBECONFIG: kubeconfig,
      CLUSTER_INSIGHT_PORT: String(port),
      CLUSTER_INSIGHT_MINIONS: 'off',
      // As the manifests have it: a folder that is empty at the start.
      CLUSTER_INSIGHT_HISTORY_DIR: join(folder, `history-${port}`),
      CLUSTER_INSIGHT_LOG_LEVEL: 'info',
      ...(process.env['EXTRA'] ? JSON.parse(process.env['EXTRA']) : {}),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(join(folder, 'master.log'), { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const url = `http://127.0.0.1:${port}`;
  const pid = child.pid as number;
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`the master ended with ${child.exitCode}: see ${folder}/master.log`);
    if (performance.now() - began > patience) throw new Error(`the master is not ready after ${patience / 1000} s`);
    await wait(20);
  }
  return {
    url,
    pid,
    readyAfter: performance.now() - began,
    memory: () => memoryOf(pid),
    resetPeak: () => writeFileSync(`/proc/${pid}/clear_refs`, '5'),
    cpu: () => cpuOf(pid),
    close: () => end(child),
  };
}

async function isReady(url: string): Promise<boolean> {
  return read(`${url}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { peak: of('VmHWM'), resident: of('VmRSS') };
}

/** Milliseconds. proc_pid_stat(5): fields 14 and 15 in ticks, of which there are a hundred a second on Linux. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}
