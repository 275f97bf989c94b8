// Docker Engine from Debian's docker.io, without bridge and packet filter rules, so that the machine is not changed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeAll, startDaemon } from './daemon.ts';
import { dockerActions } from './docker-api.ts';
import { type EngineKind, type StartOptions, testImage } from './engine.ts';
import { makeImage } from './image.ts';

export const docker = {
  name: 'docker',
  programs: ['dockerd', 'containerd', 'runc'],
  start,
} as const satisfies EngineKind;

async function start(dir: string, { archive, port }: StartOptions = {}) {
  const socket = join(dir, 'docker.sock');
  writeFileSync(join(dir, 'daemon.json'), '{}');
  const flags = [
    ...['--config-file', join(dir, 'daemon.json'), '--pidfile', join(dir, 'docker.pid'), '-H', `unix://${socket}`],
    ...['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec'), '--shutdown-timeout', '1'],
    ...['--iptables=false', '--bridge=none', '--storage-driver', 'vfs'],
    ...(port === undefined ? [] : ['-H', `tcp://127.0.0.1:${port}`, '--tls=false']),
  ];
  const up = () => startDaemon('dockerd', flags, socket, join(dir, 'dockerd.log'));
  let daemon = await up();
  const { load, removeAll: removeContainers, ...actions } = dockerActions(socket);
  mkdirSync(join(dir, 'image'));
  await load(archive ?? (await makeImage(join(dir, 'image'), testImage, ['/bin/sleep', '1000'])));
  return {
    socket,
    ...actions,
    stop: () => daemon.stop(),
    async start() {
      daemon = await up();
    },
    async close() {
      await removeContainers();
      await daemon.stop();
      await removeAll(dir);
    },
  };
}
