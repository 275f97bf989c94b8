// Podman's service from Debian's podman, over its Docker API.
import { join } from 'node:path';
import { startDockerDaemon } from './docker-daemon.ts';
import type { EngineKind, StartOptions, TestEngine } from './engine.ts';

export const podman = { name: 'podman', programs: ['podman', 'conmon', 'runc'], start } as const satisfies EngineKind;

function start(dir: string, { archive }: StartOptions = {}): Promise<TestEngine> {
  const socket = join(dir, 'podman.sock');
  const flags = [
    ...['--root', join(dir, 'root'), '--runroot', join(dir, 'run'), '--tmpdir', join(dir, 'tmp')],
    ...['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--runtime', 'runc', '--events-backend', 'file'],
    ...['system', 'service', '--time=0', `unix://${socket}`],
  ];
  return startDockerDaemon({ dir, program: 'podman', flags, socket, archive });
}
