// Podman's service from Debian's podman, over its Docker API.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeAll, startDaemon } from './daemon.ts';
import { dockerActions } from './docker-api.ts';
import { type EngineKind, type StartOptions, testImage } from './engine.ts';
import { makeImage } from './image.ts';

export const podman = { name: 'podman', programs: ['podman', 'conmon', 'runc'], start } as const satisfies EngineKind;

async function start(dir: string, { archive }: StartOptions = {}) {
  const socket = join(dir, 'podman.sock');
  const flags = [
    ...['--root', join(dir, 'root'), '--runroot', join(dir, 'run'), '--tmpdir', join(dir, 'tmp')],
    ...['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--runtime', 'runc', '--events-backend', 'file'],
    ...['system', 'service', '--time=0', `unix://${socket}`],
  ];
  const up = () => startDaemon('podman', flags, socket, join(dir, 'podman.log'));
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
