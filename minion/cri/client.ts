// CRI calls over a unix socket, limited in time and bytes; gRPC errors get our codes. Loaded only for a CRI socket: gRPC is
// a minion's largest dependency.
import { fileURLToPath } from 'node:url';
import {
  type CallOptions,
  type ChannelOptions,
  type ClientReadableStream,
  status as codes,
  credentials,
  loadPackageDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { type Fault, fault } from '../../src/errors.ts';
import type { RuntimeLimits } from '../runtimes/runtime.ts';
import {
  type Checked,
  changedContainer,
  containerStatusOf,
  containersOf,
  imageStatusOf,
  imagesOf,
  statusInfoOf,
  versionOf,
} from './checked.ts';
import type { Container, ContainerStatusResponse, Image, ImageStatusResponse, VersionResponse } from './messages.ts';

export interface CriClient {
  version(): Promise<VersionResponse>;
  listContainers(runningOnly: boolean): Promise<readonly Container[]>;
  /** Verbose: `info` has the pid. */
  containerStatus(id: string): Promise<ContainerStatusResponse>;
  listImages(): Promise<readonly Image[]>;
  imageStatus(image: string): Promise<ImageStatusResponse>;
  /** The verbose `info` of the runtime's status. */
  statusInfo(): Promise<{ readonly [key: string]: string }>;
  /** Events until the stream ends; calls `started` when it is established. @throws Fault `engine_unserved`. */
  events(started: () => void, changed: (containerId: string) => void, signal: AbortSignal): Promise<void>;
  close(): void;
}

type Unary = (
  request: object,
  options: CallOptions,
  done: (error: ServiceError | null, answer: unknown) => void,
) => void;
type Streaming = (request: object) => ClientReadableStream<unknown>;
interface Service {
  readonly [call: string]: Unary | Streaming;
}
type ServiceClass = new (address: string, secrets: unknown, options: ChannelOptions) => Service & { close(): void };

const loader = { keepCase: true, longs: String, enums: String, defaults: true, arrays: true, objects: true } as const;

export function createCriClient(socket: string, limits: RuntimeLimits): CriClient {
  const { runtime, images } = connect(socket, limits);
  const call = (service: Service, name: string, request: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, answer: unknown) => {
        if (error) reject(asFault(error, limits));
        else resolve(answer);
      };
      (service[name] as Unary).call(service, request, { deadline: Date.now() + limits.timeout }, done);
    });
  const known = <T>(name: string, { entries, refused }: Checked<T>): readonly T[] => {
    if (refused > 0) limits.refused?.(name, refused);
    return entries;
  };
  return {
    version: async () => versionOf(await call(runtime, 'Version', { version: 'v1' })),
    listContainers: async (runningOnly) => {
      const filter = runningOnly ? { filter: { state: { state: 'CONTAINER_RUNNING' } } } : {};
      return known('listContainers', containersOf(await call(runtime, 'ListContainers', filter)));
    },
    containerStatus: async (id) =>
      containerStatusOf(await call(runtime, 'ContainerStatus', { container_id: id, verbose: true }), id),
    listImages: async () => known('listImages', imagesOf(await call(images, 'ListImages', {}))),
    imageStatus: async (image) => imageStatusOf(await call(images, 'ImageStatus', { image: { image }, verbose: true })),
    statusInfo: async () => statusInfoOf(await call(runtime, 'Status', { verbose: true })),
    events: (started, changed, signal) => follow(runtime, started, changed, signal, limits),
    close() {
      runtime.close();
      images.close();
    },
  };
}

function connect(socket: string, limits: RuntimeLimits) {
  const proto = loadSync(fileURLToPath(new URL('cri.proto', import.meta.url)), loader);
  const { v1 } = loadPackageDefinition(proto).runtime as unknown as { v1: { [service: string]: ServiceClass } };
  const options: ChannelOptions = {
    'grpc.max_receive_message_length': limits.answer,
    'grpc.enable_retries': 0,
    // Finds a restarted runtime within a round.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': 0,
  };
  const open = (name: string) => {
    const Service = v1[name] as ServiceClass;
    return new Service(`unix://${socket}`, credentials.createInsecure(), options);
  };
  return { runtime: open('RuntimeService'), images: open('ImageService') };
}

function follow(
  runtime: Service,
  started: () => void,
  changed: (containerId: string) => void,
  signal: AbortSignal,
  limits: RuntimeLimits,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = (runtime.GetContainerEvents as Streaming).call(runtime, {});
    const abort = () => stream.cancel();
    const leave = () => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort);
    // A runtime without events refuses at once; one with events sends headers only with the first event.
    const standing = setTimeout(started, 1000);
    stream.on('data', (event: unknown) => {
      const id = changedContainer(event);
      if (id !== undefined) changed(id);
    });
    stream.on('end', () => {
      clearTimeout(standing);
      leave();
      resolve();
    });
    stream.on('error', (error: ServiceError) => {
      clearTimeout(standing);
      leave();
      reject(asFault(error, limits));
    });
  });
}

/** The gRPC text may contain the socket's path: only the status name is passed on. */
function asFault(error: ServiceError, limits: RuntimeLimits): Fault {
  const name = codes[error.code] ?? 'UNKNOWN';
  if (error.code === codes.UNAVAILABLE)
    return fault('engine_down', { reason: /E[A-Z]{4,}/.exec(error.details)?.[0] ?? name }, error);
  if (error.code === codes.DEADLINE_EXCEEDED) return fault('engine_slow', { seconds: limits.timeout / 1000 }, error);
  if (error.code === codes.RESOURCE_EXHAUSTED) return fault('engine_too_large', { limit: limits.answer }, error);
  if (error.code === codes.UNIMPLEMENTED) return fault('engine_unserved', {}, error);
  if (error.code === codes.NOT_FOUND) return fault('not_found', { path: 'the container runtime' }, error);
  return fault('engine_error', { reason: name }, error);
}
