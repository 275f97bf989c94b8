// Starts a daemon that has Docker's API, with the test image loaded.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeAll, startDaemon } from './daemon.ts';
import { dockerActions } from './docker-api.ts';
import { type TestEngine, testImage } from './engine.ts';
import { makeImage } from './image.ts';

export interface DockerDaemon {
  /** An empty folder, removed at the end. */
  readonly dir: string;
  readonly program: string;
  readonly flags: readonly string[];
  readonly socket: string;
  /** Archive of the test image; created if undefined. */
  readonly archive: string | undefined;
}

export async function startDockerDaemon({ dir, program, flags, socket, archive }: DockerDaemon): Promise<TestEngine> {
  const up = () => startDaemon(program, flags, socket, join(dir, `${program}.log`));
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
