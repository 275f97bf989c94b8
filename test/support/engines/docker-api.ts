// Controls a runtime with Docker's API: Docker Engine or Podman.
import { createReadStream } from 'node:fs';
import Dockerode from 'dockerode';
import type { ContainerWish, TestEngine } from './engine.ts';
import { testImage } from './engine.ts';

type Actions = Pick<TestEngine, 'run' | 'kill' | 'restart' | 'pause' | 'unpause' | 'remove'>;

/** Explicit limits: a container cannot raise those of the machine. */
const ulimits = ['nofile', 'nproc'].map((Name) => ({ Name, Soft: 1024, Hard: 1024 }));

export function dockerActions(
  socketPath: string,
): Actions & { load(archive: string): Promise<void>; removeAll(): Promise<void> } {
  const docker = new Dockerode({ socketPath });
  const started = new Set<string>();
  return {
    async load(archive) {
      const stream = await docker.loadImage(createReadStream(archive));
      stream.resume();
      await new Promise((resolve, reject) => stream.once('end', resolve).once('error', reject));
    },
    async run(wish) {
      const container = await docker.createContainer(requestOf(wish));
      started.add(container.id);
      await container.start();
      return container.id;
    },
    kill: async (id) => {
      await docker.getContainer(id).kill();
      await docker.getContainer(id).wait();
    },
    async restart(id) {
      await docker.getContainer(id).restart({ t: 0 });
      return id;
    },
    pause: (id) => docker.getContainer(id).pause(),
    unpause: (id) => docker.getContainer(id).unpause(),
    async remove(id) {
      await docker.getContainer(id).remove({ force: true });
      started.delete(id);
    },
    async removeAll() {
      for (const id of started) {
        await docker
          .getContainer(id)
          .remove({ force: true })
          .catch(() => undefined);
      }
    },
  };
}

function requestOf({ name, args, env = {}, labels = {} }: ContainerWish): Dockerode.ContainerCreateOptions {
  return {
    name,
    Image: testImage,
    Cmd: [...args],
    Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    Labels: { ...labels },
    // The processes here ignore SIGTERM, so do not wait for them when the daemon ends.
    StopTimeout: 1,
    HostConfig: { NetworkMode: 'host', Ulimits: ulimits },
  };
}
