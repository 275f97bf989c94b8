// A Docker Engine API in this process, on a unix socket or loopback port: the runtime of the demo's nodes and of tests of
// relay and collector. It serves only reads, records all received bytes, and fails on demand.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type AnswerEffect, createFaults, isStreamFault, misbehave } from './api/faults.ts';
import type { EngineContainer, EngineEvent, EngineImage } from './engine/container.ts';
import { EngineError, route } from './engine/routes.ts';

export {
  type EngineContainer,
  type EngineEvent,
  type EngineImage,
  engineContainer,
  engineImage,
  manyContainers,
} from './engine/container.ts';

export interface EngineOptions {
  /** Socket to listen on; default: a free loopback port, kept across `stop()` and `start()`. */
  readonly socketPath?: string;
  readonly port?: number;
  readonly version?: string;
}

export interface EngineFault {
  readonly path?: string | RegExp;
  readonly skip?: number;
  readonly times?: number;
}

export interface Engine {
  /** `http://127.0.0.1:PORT`, or empty on a socket. */
  readonly url: string;
  readonly socketPath: string | undefined;
  /** By id; may be changed any time, with immediate effect. */
  readonly containers: Map<string, EngineContainer>;
  readonly images: Map<string, EngineImage>;
  /** Request lines in order, such as `GET /v1.43/containers/json?all=1 HTTP/1.1`, and all bytes of all connections. */
  readonly requestLines: string[];
  received(): Buffer;
  forget(): void;
  /** Serves `/telemetry` from now on. */
  tellBy(telemetry: () => object): void;
  /** Sends an event to followers of `/events`. */
  emit(event: EngineEvent): void;
  fault(fault: EngineFault & AnswerEffect): () => void;
  clearFaults(): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  dropConnections(): void;
}

export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const engine = createEngine(options);
  await engine.start();
  return engine;
}

/** An invalid target is answered like Go's server does. */
function urlOf({ url = '/' }: IncomingMessage): URL {
  try {
    const parsed = new URL(`http://engine${url}`);
    decodeURIComponent(parsed.pathname);
    return parsed;
  } catch {
    throw new EngineError(400, '400 Bad Request');
  }
}

/** What the routes serve. */
export interface EngineState {
  readonly version: string;
  readonly containers: Map<string, EngineContainer>;
  readonly images: Map<string, EngineImage>;
  readonly followers: Set<(event: EngineEvent) => void>;
  /** The answer to `/telemetry`, like a minion's; undefined to not serve it, like a bare engine. */
  telemetry?: () => object;
}

export function createEngine(options: EngineOptions = {}): Engine {
  const { version = '28.3.0' } = options;
  const state: EngineState = { version, containers: new Map(), images: new Map(), followers: new Set() };
  const faults = createFaults();
  const requestLines: string[] = [];
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = options.port ?? 0;
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requestLines.push(`${request.method} ${request.url} HTTP/${request.httpVersion}`);
    const url = urlOf(request);
    for (const fault of faults.meet(request.method ?? 'GET', url)) {
      if (isStreamFault(fault)) continue;
      if (fault.effect === 'status') throw new EngineError(fault.code, fault.message ?? 'out of order on purpose');
      if (await misbehave(fault, response)) return;
    }
    route(state, request, response, url);
  }

  function listener(request: IncomingMessage, response: ServerResponse): void {
    serve(request, response).catch((error: unknown) => {
      const { code, message } = error instanceof EngineError ? error : new EngineError(500, String(error));
      if (response.headersSent) return void response.destroy();
      response.writeHead(code, { 'content-type': 'application/json' }).end(`${JSON.stringify({ message })}\n`);
    });
  }

  function remember(socket: Socket): void {
    sockets.add(socket);
    // With a data listener Node's parser reads through the socket, so that the bytes are seen here.
    socket.on('data', (bytes: Buffer) => received.push(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  }

  return {
    get url() {
      return options.socketPath ? '' : `http://127.0.0.1:${port}`;
    },
    socketPath: options.socketPath,
    containers: state.containers,
    images: state.images,
    requestLines,
    received: () => Buffer.concat(received),
    forget() {
      requestLines.length = 0;
      received.length = 0;
    },
    tellBy(telemetry) {
      state.telemetry = telemetry;
    },
    emit: (event) => state.followers.forEach((follow) => follow(event)),
    fault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    dropConnections: drop,
    async start() {
      const starting = createServer(listener).on('connection', remember);
      server = starting;
      const where = options.socketPath ? { path: options.socketPath } : { port, host: '127.0.0.1' };
      await new Promise<void>((resolve, reject) => starting.once('error', reject).listen(where, () => resolve()));
      if (!options.socketPath) port = (starting.address() as AddressInfo).port;
    },
    async stop() {
      const closing = server;
      server = undefined;
      drop();
      if (closing) await new Promise((resolve) => closing.close(resolve));
    },
  };
}
