// containerd, CRI-O and other runtimes with the Container Runtime Interface, version 1. CRI lists sandboxes separately from
// containers. Processes come from `/proc`, since CRI has no call for them.
import { type ContainerInspect, type ContainerSummary, isHexId } from '../../src/docker-api.ts';
import { Fault, fault } from '../../src/errors.ts';
import type { CriClient } from '../cri/client.ts';
import {
  digestOf,
  imageIdsOf,
  imageInspectOf,
  inspectOf,
  listedImageOf,
  sandboxImageOf,
  summaryOf,
} from '../cri/shapes.ts';
import { createProcessReader, type ProcessReader } from '../proc/processes.ts';
import type { Runtime, RuntimeDriver, RuntimeLimits, RuntimeWatcher } from './runtime.ts';

export const cri = { name: 'cri', turn: 2, open } as const satisfies RuntimeDriver;

async function open(socket: string, limits: RuntimeLimits): Promise<Runtime | undefined> {
  const { createCriClient } = await import('../cri/client.ts');
  const client = createCriClient(socket, limits);
  try {
    const { runtime_name: name, runtime_version: version, runtime_api_version: apiVersion } = await client.version();
    // Callers redact: values stay complete here.
    const processes = createProcessReader({ keepValues: true });
    return createRuntime(client, { name, version, ...(apiVersion ? { apiVersion } : {}) }, processes);
  } catch (error) {
    client.close();
    if (error instanceof Fault && error.code === 'engine_unserved') return undefined;
    throw error;
  }
}

function createRuntime(client: CriClient, identity: Runtime['identity'], processes: ProcessReader): Runtime {
  let ids: ReadonlyMap<string, string> = new Map();
  /** Image ids in this runtime's form: CRI-O omits the algorithm and does not accept ids with it. */
  let own: ReadonlyMap<string, string> = new Map();
  /** A runtime setting that is constant while it runs. */
  let sandbox: Promise<string | undefined> | undefined;
  const readImages = async () => {
    const images = await client.listImages();
    ids = imageIdsOf(images);
    own = new Map(images.map(({ id }) => [digestOf(id) ?? id, id]));
    return images;
  };
  /** Unknown names are looked up once more: the image may be new. */
  const knowing = async (names: readonly string[]) => {
    if (names.some((name) => name !== '' && !digestOf(name) && !ids.has(name))) await readImages();
    return (name: string) => ids.get(name);
  };
  const runtime: Runtime = {
    identity,
    restartsInPlace: false,
    knowsProcesses: false,
    tellsOfImages: false,
    ping: async () => void (await client.version()),
    version: async () => ({
      Version: identity.version,
      Components: [{ Name: identity.name, Version: identity.version }],
      ...(identity.apiVersion ? { ApiVersion: identity.apiVersion } : {}),
      Os: 'linux',
    }),
    async listContainers(all): Promise<ContainerSummary[]> {
      const containers = await client.listContainers(!all);
      const find = await knowing(containers.map((one) => one.image_id || one.image_ref));
      return containers.map((container) => summaryOf(container, find));
    },
    async inspectContainer(asked): Promise<ContainerInspect> {
      const id = await idOf(asked);
      const answer = await client
        .containerStatus(id)
        .catch((error: unknown) => notFound(error, 'container_not_found', asked));
      const find = await knowing([answer.status?.image_id || answer.status?.image_ref || '']);
      const inspect = inspectOf(answer, find);
      if (inspect) return inspect;
      throw fault('container_not_found', { id: asked });
    },
    async listProcesses(asked) {
      const { Id, State } = await runtime.inspectContainer(asked);
      if (!State.Running) throw fault('container_not_running', { id: asked });
      const found = await processes.read(new Map([[Id, State.Pid ?? 0]]));
      const listed = found.get(Id);
      if (listed) return listed;
      throw fault('processes_unseen', { id: asked });
    },
    async inspectImage(asked) {
      if (!own.has(asked)) await readImages();
      const answer = await client
        .imageStatus(own.get(asked) ?? asked)
        .catch((error: unknown) => notFound(error, 'image_not_found', asked));
      const inspect = imageInspectOf(answer);
      if (inspect) return inspect;
      throw fault('image_not_found', { id: asked });
    },
    async listImages() {
      const images = await readImages();
      sandbox ??= client.statusInfo().then(sandboxImageOf, () => undefined);
      const name = await sandbox;
      return images.map((image) => listedImageOf(image, name));
    },
    watch: (watcher, signal) => watch(client, watcher, signal),
    close: () => client.close(),
  };

  /** CRI finds containers by id or prefix; names are looked up in the list. */
  async function idOf(asked: string): Promise<string> {
    if (isHexId(asked)) return asked;
    const containers = await client.listContainers(false);
    const named = containers.find((one) => summaryOf(one, () => undefined).Names.includes(`/${asked}`));
    if (named) return named.id;
    throw fault('container_not_found', { id: asked });
  }
  return runtime;
}

function notFound(error: unknown, code: 'container_not_found' | 'image_not_found', id: string): never {
  if (error instanceof Fault && error.code === 'not_found') throw fault(code, { id }, error);
  throw error;
}

async function watch(client: CriClient, watcher: RuntimeWatcher, signal: AbortSignal): Promise<'ended' | 'unserved'> {
  try {
    await client.events(
      () => watcher.watching(),
      (id) => watcher.containerChanged(id),
      signal,
    );
    return 'ended';
  } catch (error) {
    if (error instanceof Fault && error.code === 'engine_unserved') return 'unserved';
    throw error;
  }
}
