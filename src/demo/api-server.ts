// A Kubernetes API server in this process, over HTTP on loopback: serves the demo cluster and simulates trouble in tests.
// It behaves as recorded (see recorded/README.md); several can run side by side.
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAccess, type User } from './api/access.ts';
import { type Control, createControl } from './api/control.ts';
import type { Context, Forward } from './api/exchange.ts';
import { createFaults, type Fault } from './api/faults.ts';
import { handle } from './api/handler.ts';
import { builtInKinds, createKindRegistry } from './api/kinds.ts';
import { createRequestLog, type RequestLog } from './api/log.ts';
import { portForward } from './api/port-forward.ts';
import { createStorage } from './api/storage.ts';

export type { Rule, User } from './api/access.ts';
export type { Control, Replay } from './api/control.ts';
export type { Fault } from './api/faults.ts';
export type { KindDefinition, ServedKind } from './api/kinds.ts';
export type { LoggedRequest, RequestLog } from './api/log.ts';
export type { Backup } from './api/storage.ts';
export type { ObjectName } from './api/write.ts';

export interface ApiServerOptions {
  /** 0, the default, takes a free port and keeps it across `stop()` and `start()`. */
  readonly port?: number;
  /** Users and their rights; without it everyone may do everything. */
  readonly users?: readonly User[];
  /** Serves HTTPS. With `ca` and `requestCert`, client certificates name users by their CN. */
  readonly tls?: ServerOptions;
  /** Milliseconds between bookmarks; default a minute. 0: only those sent by `bookmark()`. */
  readonly bookmarkPeriod?: number;
  /** Lifetime of a watch without `timeoutSeconds`, in seconds; default half an hour. */
  readonly watchTimeout?: number;
  /** Events kept per resource; default 10,000. */
  readonly historyLimit?: number;
  readonly clock?: () => number;
  /** Target of the proxy subresource. */
  readonly forward?: Forward;
}

export interface ApiServer extends Control {
  /** `http://127.0.0.1:PORT`, valid once started. */
  readonly url: string;
  readonly port: number;
  readonly requests: RequestLog;
  start(): Promise<void>;
  /** Closes all connections and stops listening; stored objects stay. */
  stop(): Promise<void>;
  /** Closes all connections but accepts new ones. */
  dropConnections(): void;
  /** Arms a fault; returns a function that disarms it. */
  fault(fault: Fault): () => void;
  clearFaults(): void;
  /** Replaces users and their rights. */
  setUsers(users: readonly User[]): void;
  /** A kubeconfig for this server as an object; its JSON is valid YAML. */
  kubeconfig(options?: { token?: string; contextName?: string; namespace?: string }): Kubeconfig;
}

export interface Kubeconfig {
  readonly apiVersion: 'v1';
  readonly kind: 'Config';
  readonly clusters: readonly object[];
  readonly contexts: readonly object[];
  readonly users: readonly object[];
  readonly 'current-context': string;
}

/** Creates and starts one: what most tests need. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const server = createApiServer(options);
  await server.start();
  return server;
}

export function createApiServer(options: ApiServerOptions = {}): ApiServer {
  const context = createContext(options);
  const control = createControl(context);
  const rim = createRim(
    options,
    (request, response) => void handle(context, request, response),
    (request, socket, head) => void portForward(context, request, socket, head),
  );
  return {
    ...control,
    restore(backup) {
      control.restore(backup);
      rim.drop();
    },
    get url() {
      return `${options.tls ? 'https' : 'http'}://127.0.0.1:${rim.port}`;
    },
    get port() {
      return rim.port;
    },
    requests: context.log,
    start: rim.start,
    stop: rim.stop,
    dropConnections: rim.drop,
    fault: (fault) => context.faults.add(fault),
    clearFaults: () => context.faults.clear(),
    setUsers: (users) => context.access.set(users),
    kubeconfig(settings = {}) {
      return kubeconfigOf(this.url, settings, options.tls);
    },
  };
}

function createContext(options: ApiServerOptions): Context {
  const version = new URL('recorded/kubernetes/version.json', import.meta.url);
  return {
    kinds: createKindRegistry(builtInKinds()),
    storage: createStorage(options.historyLimit ?? 10_000),
    access: createAccess(options.users ?? []),
    faults: createFaults(),
    log: createRequestLog(),
    watches: new Set(),
    options: { bookmarkPeriod: options.bookmarkPeriod ?? 60_000, watchTimeout: options.watchTimeout ?? 1800 },
    clock: options.clock ?? Date.now,
    staleGroups: new Set(),
    failingChecks: new Set(),
    version: JSON.parse(readFileSync(version, 'utf8')) as object,
    forward: options.forward,
  };
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;
type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

interface Rim {
  readonly port: number;
  start(): Promise<void>;
  stop(): Promise<void>;
  drop(): void;
}

/** The listening socket and its connections. */
function createRim(options: ApiServerOptions, listener: Listener, onUpgrade: UpgradeListener): Rim {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = options.port ?? 0;
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    get port() {
      return port;
    },
    drop,
    async start() {
      server = options.tls ? createHttpsServer(options.tls, listener) : createHttpServer(listener);
      server.on('upgrade', onUpgrade);
      server.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
      });
      await listen(server, port);
      port = (server.address() as AddressInfo).port;
    },
    async stop() {
      const closing = server;
      server = undefined;
      drop();
      if (closing) await new Promise((resolve) => closing.close(resolve));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

interface KubeconfigSettings {
  readonly token?: string;
  readonly contextName?: string;
  readonly namespace?: string;
}

function kubeconfigOf(server: string, settings: KubeconfigSettings, tls: ServerOptions | undefined): Kubeconfig {
  const { token, contextName: name = 'demo', namespace } = settings;
  const authority = tls?.cert ? { 'certificate-authority-data': Buffer.from(String(tls.cert)).toString('base64') } : {};
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, ...authority } }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace && { namespace }) } }],
    users: [{ name, user: token ? { token } : {} }],
    'current-context': name,
  };
}
