// Docker Engine and Podman's Docker API: the socket's answers, with failures in our codes.
import { type EngineCallName, type EngineVersion, enginePath, imagesPath } from '../../src/docker-api.ts';
import { type ErrorCode, type Fault, fault } from '../../src/errors.ts';
import type { RuntimeVersion } from '../../src/minion-api.ts';
import { processesOf } from '../../src/process-table.ts';
import { eventsPath, followEvents } from '../docker/events.ts';
import { imageOf, inspectOf, listedImagesOf, summariesOf, processesOf as topOf } from '../docker/shapes.ts';
import { createEngineSocket, type EngineSocket, type SocketAnswer } from '../docker/socket.ts';
import { createProcessReader } from '../proc/processes.ts';
import type { Runtime, RuntimeDriver, RuntimeLimits, RuntimeWatcher } from './runtime.ts';

export const docker = { name: 'docker', turn: 1, open } as const satisfies RuntimeDriver;

async function open(path: string, limits: RuntimeLimits): Promise<Runtime | undefined> {
  const socket = createEngineSocket(path, limits);
  try {
    const identity = await identify(socket);
    if (identity) return createRuntime(socket, identity, limits);
  } catch (error) {
    socket.close();
    // gRPC closes non-HTTP/2 connections, and what it sends before is not HTTP/1.
    if (saysNothing(error)) return undefined;
    throw error;
  }
  socket.close();
  return undefined;
}

function saysNothing(error: unknown): boolean {
  const { code, facts } = error as Fault;
  return (
    code === 'engine_nonsense' ||
    (code === 'engine_down' && !/^(?:ENOENT|EACCES|ECONNREFUSED|EPERM)$/.test(String(facts.reason)))
  );
}

async function identify(socket: EngineSocket): Promise<RuntimeVersion | undefined> {
  const answer = await socket.get(enginePath('version'));
  if (answer.status !== 200) return undefined;
  const { Version, ApiVersion, Components } = parse(answer) as Partial<EngineVersion>;
  if (typeof Version !== 'string') return undefined;
  const podman = Array.isArray(Components) && Components.some((one) => /^podman/i.test(String(one?.Name)));
  const name = podman || answer.headers['libpod-api-version'] !== undefined ? 'podman' : 'docker';
  return { name, version: Version, ...(typeof ApiVersion === 'string' ? { apiVersion: ApiVersion } : {}) };
}

function createRuntime(socket: EngineSocket, identity: RuntimeVersion, limits: RuntimeLimits): Runtime {
  const call = async (name: EngineCallName, id?: string, query?: { readonly [name: string]: string }) => {
    const answer = await socket.get(enginePath(name, id, query));
    return parse(succeeded(answer, name, id));
  };
  const inspectContainer = async (id: string) => inspectOf(await call('inspectContainer', id));
  const listProcesses = async (id: string) => processesOf(topOf(await call('listProcesses', id, { ps_args: 'aux' })));
  // Callers redact: values stay complete here.
  const processes = createProcessReader({ keepValues: true });
  /** Podman runs the container's own `ps`, if any: pids are not the node's, and columns are not split. */
  const podmanProcesses = async (asked: string) => {
    const { Id, State } = await inspectContainer(asked);
    if (!State.Running) throw fault('container_not_running', { id: asked });
    const found = await processes.read(new Map([[Id, State.Pid ?? 0]]));
    return found.get(Id) ?? listProcesses(Id);
  };
  return {
    identity,
    restartsInPlace: true,
    knowsProcesses: true,
    tellsOfImages: true,
    ping: async () => void succeeded(await socket.get(enginePath('ping')), 'ping'),
    version: async () => (await call('version')) as EngineVersion,
    async listContainers(all) {
      const { entries, refused } = summariesOf(await call('listContainers', undefined, all ? { all: '1' } : {}));
      if (refused > 0) limits.refused?.('listContainers', refused);
      return entries;
    },
    inspectContainer,
    listProcesses: identity.name === 'podman' ? podmanProcesses : listProcesses,
    inspectImage: async (id) => imageOf(await call('inspectImage', id)),
    async listImages() {
      const { entries, refused } = listedImagesOf(parse(succeeded(await socket.get(imagesPath), 'listImages')));
      if (refused > 0) limits.refused?.('listImages', refused);
      return entries;
    },
    watch: (watcher, signal) => watch(socket, watcher, signal),
    close: () => socket.close(),
  };
}

async function watch(socket: EngineSocket, watcher: RuntimeWatcher, signal: AbortSignal): Promise<'ended'> {
  const stream = await socket.stream(eventsPath, signal);
  try {
    if (stream.statusCode !== 200) throw fault('engine_error', { reason: `status ${stream.statusCode} to events` });
    watcher.watching();
    await followEvents(stream, watcher);
    return 'ended';
  } finally {
    stream.destroy();
  }
}

function parse(answer: SocketAnswer): object {
  try {
    const value: unknown = JSON.parse(answer.body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    throw fault('engine_nonsense', { reason: 'not JSON' }, error);
  }
  throw fault('engine_nonsense', { reason: 'not an object' });
}

const notFound: { readonly [name in EngineCallName | 'listImages']?: ErrorCode } = {
  inspectContainer: 'container_not_found',
  listProcesses: 'container_not_found',
  inspectImage: 'image_not_found',
};

function succeeded(answer: SocketAnswer, name: EngineCallName | 'listImages', id = ''): SocketAnswer {
  const { status } = answer;
  if (status === 200) return answer;
  const missing = notFound[name];
  if (status === 404 && missing) throw fault(missing, { id });
  if (name === 'listProcesses' && stopped(answer)) throw fault('container_not_running', { id });
  throw fault('engine_error', { reason: `status ${status}` });
}

/** Docker 20.10 answers 500 with this sentence where newer versions answer 409. */
function stopped(answer: SocketAnswer): boolean {
  return answer.status === 409 || /is not running/.test(answer.body.toString('utf8', 0, 2048));
}
