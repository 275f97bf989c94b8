// Docker Engine from Debian's docker.io, without bridge and packet filter rules, so that the machine is not changed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDockerDaemon } from './docker-daemon.ts';
import type { EngineKind, StartOptions, TestEngine } from './engine.ts';

export const docker = {
  name: 'docker',
  programs: ['dockerd', 'containerd', 'runc'],
  start,
} as const satisfies EngineKind;

function start(dir: string, { archive, port }: StartOptions = {}): Promise<TestEngine> {
  const socket = join(dir, 'docker.sock');
  writeFileSync(join(dir, 'daemon.json'), '{}');
  const flags = [
    ...['--config-file', join(dir, 'daemon.json'), '--pidfile', join(dir, 'docker.pid'), '-H', `unix://${socket}`],
    ...['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec'), '--shutdown-timeout', '1'],
    ...['--iptables=false', '--bridge=none', '--storage-driver', 'vfs'],
    ...(port === undefined ? [] : ['-H', `tcp://127.0.0.1:${port}`, '--tls=false']),
  ];
  return startDockerDaemon({ dir, program: 'dockerd', flags, socket, archive });
}
