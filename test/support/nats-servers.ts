// Real NATS servers on loopback, one or a cluster of three, each with its own storage folder. Tests can kill, stop and restart
// them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './engines/daemon.ts';
import { freePorts } from './free-port.ts';
import { root } from './source-tree.ts';

export interface NatsServer {
  readonly port: number;
  /** Sends `SIGKILL`. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Neither answers nor ends until `proceed`. */
  pause(): void;
  proceed(): void;
  /** Restarts with the stored data. */
  start(): Promise<void>;
  /** Deletes the stored data: call while it does not run. */
  wipe(): void;
  /** What it logged. */
  log(): string;
}

export interface NatsServers {
  readonly all: readonly NatsServer[];
  /** Value of the setting for clients. */
  readonly stream: readonly string[];
  close(): Promise<void>;
}

/** Path of nats-server; undefined if it is not available, which CI does not allow. */
export function natsServer(): string | undefined {
  try {
    return execFileSync('sh', [join(root, 'test/support/nats.sh')], { stdio: ['ignore', 'pipe', 'pipe'] })
      .toString()
      .trim()
      .split('\n')
      .at(-1);
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return undefined;
  }
}

export async function startNats(program: string, count: 1 | 3, more = ''): Promise<NatsServers> {
  const folder = mkdtempSync(join(tmpdir(), 'nats-'));
  const ports = await freePorts(count * 2);
  const routes = ports.slice(count).map((port) => `nats://127.0.0.1:${port}`);
  const all = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      openServer({
        ...{ program, name: `n${i + 1}`, folder: join(folder, `n${i + 1}`), port: ports[i] as number, more },
        ...(count > 1 ? { route: ports[count + i] as number, routes } : {}),
      }),
    ),
  );
  await Promise.all(all.map((server) => server.start()));
  return {
    all,
    stream: all.map(({ port }) => `nats://127.0.0.1:${port}`),
    async close() {
      await Promise.all(all.map((server) => server.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface ServerOptions {
  readonly program: string;
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly route?: number;
  readonly routes?: readonly string[];
  readonly more: string;
}

async function openServer({ program, name, folder, port, route, routes, more }: ServerOptions): Promise<NatsServer> {
  mkdirSync(folder);
  const config = join(folder, 'config');
  const log = join(folder, 'log');
  const store = join(folder, 'store');
  const cluster = route
    ? `cluster { name: c, listen: "127.0.0.1:${route}", routes: [${routes?.map((each) => `"${each}"`).join(', ')}] }`
    : '';
  writeFileSync(
    config,
    `server_name: ${name}\nlisten: "127.0.0.1:${port}"\njetstream { store_dir: "${store}" }\n${cluster}\n${more}\n`,
  );
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals) => {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
    ending.kill('SIGCONT');
    ending.kill(signal);
    await ended;
  };
  return {
    port,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    pause: () => void child?.kill('SIGSTOP'),
    proceed: () => void child?.kill('SIGCONT'),
    async start() {
      const file = openSync(log, 'a');
      child = spawn(program, ['-c', config], { stdio: ['ignore', file, file] });
      const started = child;
      await eventually(`nats-server to listen on ${port}`, 30_000, () => {
        if (started.exitCode !== null) throw new Error(`nats-server ended:\n${readFileSync(log, 'utf8').slice(-2000)}`);
        return accepts(port);
      });
    },
    wipe: () => rmSync(store, { recursive: true, force: true }),
    log: () => readFileSync(log, 'utf8'),
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
