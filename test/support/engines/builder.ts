// Docker as used to build and run the image: a daemon with its own socket, and its command line client.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shortFolder } from '../short-folder.ts';
import { isInstalled, removeAll, run, startDaemon } from './daemon.ts';

export interface Builder {
  readonly socket: string;
  /** A new folder that is removed at the end. */
  folder(name: string): string;
  /** Runs `docker ARGS` and returns its output. */
  docker(...args: string[]): Promise<string>;
  /** Like `docker`, for commands that may fail: exit status and all output. */
  attempt(...args: string[]): Promise<{ readonly status: number; readonly output: string }>;
  close(): Promise<void>;
}

/** Why images cannot be built here; undefined if they can. With `CI=true` everything must be installed. */
export function missingBuilder(): string | undefined {
  if (process.env.CI === 'true') return undefined;
  const absent = ['dockerd', 'docker', 'containerd', 'runc', 'ldd', 'busybox'].filter((name) => !isInstalled(name));
  if (absent.length > 0) return `not installed: ${absent.join(', ')}`;
  return process.getuid?.() === 0 ? undefined : 'needs root';
}

export async function startBuilder(): Promise<Builder> {
  const dir = shortFolder('image');
  const socket = join(dir, 'docker.sock');
  writeFileSync(join(dir, 'daemon.json'), '{}');
  const flags = [
    ...['--config-file', join(dir, 'daemon.json'), '--pidfile', join(dir, 'docker.pid'), '-H', `unix://${socket}`],
    ...['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec'), '--shutdown-timeout', '1'],
    ...['--iptables=false', '--bridge=none'],
  ];
  const daemon = await startDaemon('dockerd', flags, socket, join(dir, 'dockerd.log'));
  // Uses neither the user's contexts nor a builder plugin: every Docker has the plain builder.
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: dir, DOCKER_BUILDKIT: '0' };
  const docker = async (...args: string[]) => (await run('docker', args, { env, maxBuffer: 64 << 20 })).stdout.trim();
  return {
    socket,
    docker,
    folder(name) {
      const path = join(dir, name);
      mkdirSync(path, { recursive: true });
      return path;
    },
    async attempt(...args) {
      try {
        const { stdout, stderr } = await run('docker', args, { env, maxBuffer: 64 << 20 });
        return { status: 0, output: stdout + stderr };
      } catch (error) {
        const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
        return { status: typeof code === 'number' ? code : -1, output: stdout + stderr };
      }
    },
    async close() {
      const left = (await docker('ps', '-aq').catch(() => '')).split('\n').filter(Boolean);
      if (left.length > 0) await docker('rm', '-f', ...left).catch(() => '');
      await daemon.stop();
      await removeAll(dir);
    },
  };
}
