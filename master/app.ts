// The master's HTTP application: all routes on one server, without I/O of its own, so tests need no port.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Server, ServerOptions } from '../src/http/server.ts';
import { createServer } from '../src/http/server.ts';
import { type AccessOptions, addAccess } from './access/access.ts';
import type { Compression } from './compression/compress.ts';
import { FindingBook } from './findings/book.ts';
import { FindingsDesk, type FindingsPlace } from './findings/desk.ts';
import { Indexes } from './graph/kept/indexes.ts';
import { suggestWhatWasMeant } from './routes/did-you-mean.ts';
import { successorOf } from './routes/former-paths.ts';
import { routes } from './routes/index.ts';
import { describeRoutes } from './routes/openapi.ts';
import { understandQueries } from './routes/query-manners.ts';
import { demandReadiness } from './routes/readiness.ts';
import type { RouteContext } from './routes/route.ts';
import { failureCounter, measureRequests } from './telemetry/request-metrics.ts';
import { turns } from './turns.ts';

export interface AppOptions extends Omit<RouteContext, 'indexes' | 'findings'> {
  /** For the served graph; created if undefined, and closed with the application. */
  readonly findings?: FindingsPlace | undefined;
  /** The rules for findings created here. */
  readonly findingBook?: FindingBook | undefined;
  /** False for a graph of files, which never changes. */
  readonly watched?: boolean;
  readonly server: ServerOptions;
  /** Access control; undefined for an application behind another. */
  readonly access?: AccessOptions | undefined;
  /** Undefined for an application behind another. */
  readonly compression?: Compression | undefined;
  /** Whether to count requests: the outer application counts those of an inner one. */
  readonly measured?: boolean;
}

export function createApp({
  server,
  access,
  compression,
  measured,
  findingBook,
  watched,
  ...rest
}: AppOptions): Server {
  const app = createServer({ ...server, hintOf: successorOf, onFailure: failureCounter(rest.metrics) });
  const findings = rest.findings ?? openDesk(rest, app, findingBook, watched);
  const context = { ...rest, findings };
  if (measured) measureRequests(app, context.metrics);
  if (access) addAccess(app, access);
  compression?.addTo(app);
  describeRoutes(app, context.build.version);
  const indexes = new Indexes(context.graph, turns.run);
  app.addHook('onClose', async () => indexes.close());
  // In a plugin of their own: added once their collector exists.
  app.register(async (plugin) => {
    demandReadiness(plugin, context);
    understandQueries(plugin);
    const inner = plugin.withTypeProvider<TypeBoxTypeProvider>();
    suggestWhatWasMeant(inner, { ...context, indexes });
    for (const route of routes) route.register(inner, { ...context, indexes });
  });
  return app;
}

/** Searches nothing until asked. */
function openDesk(
  { graph, now = Date.now }: Pick<RouteContext, 'graph' | 'now'>,
  app: Server,
  book: FindingBook = new FindingBook(),
  watched = true,
): FindingsDesk {
  const onError = (error: unknown) => app.log.error({ err: error }, 'findings could not be kept');
  const desk = new FindingsDesk({ graph, book, clock: now, run: turns.run, watched, onError });
  app.addHook('onClose', async () => desk.close());
  return desk;
}
