// A CRI runtime in this process on a unix socket, for what this machine's containerd lacks: events, and CRI-O's ids. It uses the
// minion's own proto file, which tests with the real containerd verify.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPackageDefinition, Server, ServerCredentials, type ServerWritableStream, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { shortFolder } from './short-folder.ts';

export interface FakeCri {
  readonly socket: string;
  /** By id: the answers of ContainerStatus. */
  readonly containers: Map<string, FakeCriContainer>;
  readonly images: object[];
  /** The runtime's settings in the verbose status, as JSON. */
  readonly config: { text: string };
  readonly calls: Map<string, number>;
  /** Failing calls with their gRPC code; a negative code means no answer at all. */
  readonly failing: Map<string, number>;
  emit(id: string): void;
  listeners(): number;
  close(): Promise<void>;
}

export interface FakeCriContainer {
  readonly status: { readonly [field: string]: unknown };
  readonly info: { readonly [field: string]: unknown };
}

interface Call {
  readonly request: { readonly container_id?: string; readonly image?: { readonly image: string } };
}
type Done = (error: object | null, answer?: object) => void;

export async function startFakeCri({ events = true } = {}): Promise<FakeCri> {
  const folder = shortFolder('ci-cri');
  const socket = join(folder, 'cri.sock');
  const streams = new Set<ServerWritableStream<object, object>>();
  const fake = {
    containers: new Map<string, FakeCriContainer>(),
    images: [] as object[],
    config: { text: '{}' },
    calls: new Map(),
    failing: new Map(),
  };
  const answering = (name: string, answer: (call: Call) => object | undefined) => (call: Call, done: Done) => {
    fake.calls.set(name, (fake.calls.get(name) ?? 0) + 1);
    const code = fake.failing.get(name);
    if (code !== undefined && code < 0) return;
    if (code !== undefined) return done({ code, details: `rpc failed at ${socket}` });
    const found = answer(call);
    if (found) done(null, found);
    else done({ code: status.NOT_FOUND, details: 'not found' });
  };
  const { runtime } = loadPackageDefinition(
    loadSync(protoFile, { keepCase: true, longs: String }),
  ) as never as Definition;
  const server = new Server();
  server.addService(runtime.v1.RuntimeService.service, {
    Version: answering('Version', () => ({
      version: '0.1.0',
      runtime_name: 'cri-o',
      runtime_version: '1.31.0',
      runtime_api_version: 'v1',
    })),
    Status: answering('Status', () => ({ info: { config: fake.config.text } })),
    ListContainers: answering('ListContainers', () => ({
      containers: [...fake.containers.values()].map(({ status: one }) => one),
    })),
    ContainerStatus: answering('ContainerStatus', ({ request }) => {
      const found = fake.containers.get(request.container_id ?? '');
      return found && { status: found.status, info: { info: JSON.stringify(found.info) } };
    }),
    ...(events
      ? {
          GetContainerEvents: (stream: ServerWritableStream<object, object>) => {
            streams.add(stream);
            stream.on('cancelled', () => streams.delete(stream));
          },
        }
      : {}),
  });
  server.addService(runtime.v1.ImageService.service, {
    ListImages: answering('ListImages', () => ({ images: fake.images })),
    // CRI-O identifies images by bare ids, and answers nothing for unknown ones.
    ImageStatus: answering('ImageStatus', ({ request }) => ({
      image: fake.images.find((one) => (one as { id: string }).id === request.image?.image),
      info: {},
    })),
  });
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    ),
  );
  return {
    socket,
    ...fake,
    emit(id) {
      for (const stream of streams) stream.write({ container_id: id });
    },
    listeners: () => streams.size,
    async close() {
      server.forceShutdown();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const protoFile = fileURLToPath(new URL('../../minion/cri/cri.proto', import.meta.url));

interface Definition {
  readonly runtime: { readonly v1: { readonly RuntimeService: Service; readonly ImageService: Service } };
}

interface Service {
  readonly service: never;
}
