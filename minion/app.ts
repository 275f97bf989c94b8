// A minion's routes: guard, token, relay, snapshot, health and metrics. No wiring and no I/O, so tests can use it without a
// port.

import { TLSSocket } from 'node:tls';
import { fault } from '../src/errors.ts';
import { flatValidator } from '../src/flat-values.ts';
import type { AdmissionOptions } from '../src/http/admission.ts';
import { certificateCheck } from '../src/http/certificate-check.ts';
import { type Check, healthRoutes } from '../src/http/health.ts';
import { answeredUnchanged } from '../src/http/if-none-match.ts';
import { createServer, type Server, type ServerLimits, type ServerOptions } from '../src/http/server.ts';
import type { Tls } from '../src/http/tls.ts';
import type { Logger } from '../src/logger.ts';
import { snapshotPath } from '../src/minion-api.ts';
import { telemetryPath } from '../src/telemetry-api.ts';
import type { Engine } from './engine.ts';
import { guard } from './guard.ts';
import type { Snapshot } from './inventory/snapshot.ts';
import type { Metrics } from './metrics.ts';
import type { Outgoing } from './outgoing.ts';
import { relayRoutes } from './relay.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import type { TokenCheck } from './token.ts';

export interface AppOptions {
  readonly logger: Logger;
  readonly https?: Tls | undefined;
  /** Also answers plain HTTP. */
  readonly plainToo?: boolean;
  /** End of its certificate in milliseconds since the epoch; undefined without one. */
  readonly certificateEnd?: () => number | undefined;
  readonly token?: TokenCheck | undefined;
  readonly engine: Engine;
  readonly outgoing: Outgoing;
  readonly snapshot: Snapshot;
  readonly metrics: Metrics;
  /** Set if probes run. */
  readonly telemetry?: Telemetry | undefined;
  readonly admission: AdmissionOptions;
}

/** The master has a few connections, the kubelet and Prometheus one or two each. */
const limits: ServerLimits = { headers: 16_384, connections: { reserve: 128, most: 64 } };

/** Its few schemas are flat and it serializes no answers with them, so no schema compiler is loaded. */
const compilers = {
  buildValidator:
    () =>
    ({ schema }: { readonly schema: object }) =>
      flatValidator(schema),
  buildSerializer: () => () => JSON.stringify,
} as unknown as NonNullable<ServerOptions['compilers']>;

export function createApp(options: AppOptions): Server {
  const { logger, https, plainToo = false, token, engine, outgoing, snapshot, metrics, telemetry, admission } = options;
  const app = createServer({ logger, compilers, limits, admission, ...(https ? { https, plainToo } : {}) });
  countRequests(app, metrics);
  guard(app);
  if (token) demandToken(app, token, plainToo);
  relayRoutes(app, { engine, outgoing });
  snapshotRoute(app, snapshot, metrics);
  healthRoutes(app, { live: [], ready: readyChecks(options) });
  if (telemetry) telemetryRoute(app, telemetry);
  app.get('/metrics', { exposeHeadRoute: false, logLevel: 'warn' }, async (_request, reply) => {
    await telemetry?.round();
    return reply.type(metrics.contentType).send(await metrics.text());
  });
  return app;
}

function readyChecks({ engine, certificateEnd }: AppOptions): Check[] {
  const runtime = { name: 'runtime', check: () => engine.state() };
  return certificateEnd ? [runtime, certificateCheck('certificate', certificateEnd, Date.now)] : [runtime];
}

function countRequests(app: Server, metrics: Metrics): void {
  app.addHook('onResponse', (request, reply, done) => {
    metrics.request(request.routeOptions.url ?? 'none', reply.statusCode);
    done();
  });
}

/** The kubelet's probes have no token, and these answers reveal nothing about the node. */
const open = new Set(['/livez', '/readyz', '/healthz']);

/**
 * Prometheus scrapes all minions with one token. Its metrics reveal nothing about containers unless probes run: then they
 * name containers and their connections.
 */
function demandToken(app: Server, token: TokenCheck, plainToo: boolean): void {
  app.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.url ?? '';
    // Where both are answered for one roll-out, who asks by plain HTTP is a master of 3.0: it has no other token.
    const isOld = plainToo && !(request.raw.socket instanceof TLSSocket);
    if (open.has(route) || (await token.accepts(request.headers.authorization, isOld || route === '/metrics'))) return;
    reply.header('www-authenticate', 'Bearer');
    throw fault('unauthorized');
  });
}

function snapshotRoute(app: Server, snapshot: Snapshot, metrics: Metrics): void {
  app.get(snapshotPath, { exposeHeadRoute: false }, async (request, reply) => {
    const now = await snapshot.current();
    reply.header('etag', now.etag).header('cache-control', 'no-cache');
    const unchanged = answeredUnchanged(request, reply, now.etag);
    metrics.snapshot(unchanged ? 'unchanged' : 'sent');
    if (unchanged) return reply;
    return reply.type('application/json').send(now.body());
  });
}

function telemetryRoute(app: Server, telemetry: Telemetry): void {
  app.get(telemetryPath, { exposeHeadRoute: false }, async (request, reply) => {
    const { etag, body } = await telemetry.answer();
    reply.header('etag', etag).header('cache-control', 'no-cache');
    if (answeredUnchanged(request, reply, etag)) return reply;
    return reply.type('application/json').send(body);
  });
}
