// The master's application with all access control over a graph of a test, with a fake API server that knows callers and their
// rights. Time stands still unless the test moves it.
import { Registry } from 'prom-client';
import { protect } from '../../master/access/protect.ts';
import { createApp } from '../../master/app.ts';
import { buildGraph, type Graph } from '../../master/build-graph.ts';
import { createCompression } from '../../master/compression/compress.ts';
import { OpenedHistory } from '../../master/history/open.ts';
import { kinds } from '../../master/kinds/index.ts';
import type { RouteContext } from '../../master/routes/route.ts';
import { type Client, loadClient } from '../../master/sources/kubernetes/client.ts';
import type { ApiServer, User } from '../../src/demo/api-server.ts';
import type { Server } from '../../src/http/server.ts';
import { type Logger, silentLogger } from '../../src/logger.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { readConfig } from '../../src/settings/config.ts';
import { admissionOf } from '../../src/settings/config-checks.ts';
import { kindNamed } from './random-cluster.ts';
import { reviewerOf } from './reviewing.ts';
import { stillClock } from './still-clock.ts';

export interface ProtectedApp extends Graph {
  readonly app: Server;
  /** Milliseconds. */
  time: number;
  /** Does what a periodic timer does in production. */
  look(): Promise<void>;
  /** Starts recording history, if `recorded`. */
  record(): Promise<void>;
  /** Applies objects as a watch would; `gone` deletes them. */
  apply(objects: readonly KubernetesObject[], gone?: boolean): void;
  close(): Promise<void>;
}

export interface ProtectedAppOptions {
  /** Command line flags of the settings. */
  readonly flags: readonly string[];
  readonly server?: ApiServer;
  /** Callers and their rights, where no API server is needed. */
  readonly users?: readonly User[];
  readonly logger?: Logger;
  readonly synced?: () => boolean;
  readonly resync?: RouteContext['resync'];
  readonly page?: RouteContext['page'];
  /** Records history in memory from `record` on. */
  readonly recorded?: boolean;
}

/** How busy and full the process is depends on the machine and on the tests before. */
const never = { maxEventLoopDelay: Number.POSITIVE_INFINITY, maxHeapUsedBytes: Number.POSITIVE_INFINITY };

export async function createProtectedApp(options: ProtectedAppOptions): Promise<ProtectedApp> {
  const { flags, server, users, logger = silentLogger, synced = () => true } = options;
  const config = readConfig({}, ['master', ...flags]);
  const client = server ? await loadClient({ env: {}, document: server.kubeconfig({ token: 'master' }) }) : undefined;
  const state = { time: 1_700_000_000_000 };
  const clock = () => state.time;
  const build = { version: '0.0.0' };
  const graph = buildGraph({
    clusterName: 'test',
    version: build.version,
    namespaces: [],
    keepValues: false,
    logger: silentLogger,
    clock,
    mirrored: true,
  });
  for (const kind of kinds) graph.store.sinkOf(kind).state('synced');
  graph.engine.changes.record();
  const history = options.recorded ? memoryHistory(logger) : undefined;
  const compression = createCompression(1 << 20);
  const context = {
    origins: config.cors,
    now: clock,
    typesNamed: graph.names.meant,
    live: [],
    ready: [],
    metrics: new Registry(),
    build,
  };
  const protection = await protect({
    config,
    client: client ?? (users ? reviewerOf(users) : nobody),
    main: graph.engine,
    mirror: graph.mirror,
    engineOptions: graph.engineOptions,
    epoch: 'abcd0123',
    kinds: () => kinds,
    synced,
    metrics: context.metrics,
    clock: stillClock(() => state.time),
    logger,
    async open(part, epoch, rights) {
      const app = createApp({
        ...context,
        graph: part,
        history: history?.visible(rights),
        partial: true,
        epoch,
        compression,
        server: { logger: silentLogger, clock },
      });
      await app.ready();
      return app;
    },
  });
  const app = createApp({
    ...context,
    ...(options.resync ? { resync: options.resync } : {}),
    ...(options.page ? { page: options.page } : {}),
    graph: graph.engine,
    history: history?.whole(),
    epoch: 'abcd0123',
    compression,
    server: { logger, clock, admission: { ...admissionOf(config), origins: config.cors } },
    access: { ...protection.access, pressure: never },
  });
  await app.ready();
  return {
    ...graph,
    app,
    look: protection.look,
    record: async () => history?.start(graph),
    get time() {
      return state.time;
    },
    set time(time) {
      state.time = time;
    },
    apply(objects, gone = false) {
      for (const object of objects) {
        const sink = graph.store.sinkOf(kindNamed(object.kind ?? ''));
        sink.event(gone ? 'DELETED' : 'MODIFIED', structuredClone(object));
      }
    },
    async close() {
      await history?.close();
      await protection.close();
      await app.close();
      client?.close();
    },
  };
}

function memoryHistory(logger: Logger): OpenedHistory {
  return new OpenedHistory({
    place: { folder: undefined, cluster: 'test' },
    config: {
      history: 7 * 86_400_000,
      historySize: 1 << 30,
      historyDir: '',
      keepValues: false,
      auth: 'kubernetes',
    },
    epoch: 'abcd0123',
    logger,
    metrics: new Registry(),
  });
}

const nobody: Pick<Client, 'review'> = {
  review: () => Promise.reject(new Error('there is no API server in this test')),
};
