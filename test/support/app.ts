// The master's application over a graph of a test, without a cluster. It opens a port only if asked to.
import { Registry } from 'prom-client';
import { type AppOptions, createApp } from '../../master/app.ts';
import { buildGraph, type Graph, type GraphOptions } from '../../master/build-graph.ts';
import type { RouteContext } from '../../master/routes/route.ts';
import type { Clock } from '../../src/clock.ts';
import type { Server } from '../../src/http/server.ts';
import { silentLogger } from '../../src/logger.ts';

export const epoch = 'abcd0123';

export interface TestApp extends Graph {
  readonly app: Server;
  /** All of `/cluster`. */
  cluster(): Promise<string>;
}

export interface TestAppOptions
  extends Partial<RouteContext>,
    Partial<Pick<AppOptions, 'compression'>>,
    Pick<GraphOptions, 'openPages' | 'retention' | 'mirrored'> {
  readonly clock?: Clock;
}

export function createTestApp(options: TestAppOptions = {}): TestApp {
  const { clock = () => 0, retention, openPages, mirrored = false, ...context } = options;
  const graph = buildGraph({
    clusterName: 'test',
    version: '0.0.0',
    namespaces: [],
    keepValues: false,
    logger: silentLogger,
    clock,
    mirrored,
    ...(retention ? { retention } : {}),
    ...(openPages ? { openPages } : {}),
  });
  const app = createApp({
    graph: graph.engine,
    typesNamed: graph.names.meant,
    live: [],
    ready: [],
    metrics: new Registry(),
    build: { version: '0.0.0' },
    epoch,
    server: { logger: silentLogger },
    ...context,
  } as Parameters<typeof createApp>[0]);
  return { ...graph, app, cluster: async () => (await app.inject('/cluster')).payload };
}

/** Where it listens, on a free port of the loopback address. */
export function listen(app: Server): Promise<string> {
  return app.listen({ host: '127.0.0.1', port: 0 });
}
