// The rim as one plugin: headers, CORS, load shedding, then the gate. Each comes before what costs more than itself.
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fault } from '../../src/errors.ts';
import { askingOrigin } from '../../src/http/admission.ts';
import type { Server } from '../../src/http/server.ts';
import { isLoopback } from '../../src/settings/config-checks.ts';
import { createGate, type GateOptions, isOpen } from './gate.ts';
import { Pressure, type PressureOptions } from './pressure.ts';
import { Windows } from './windows.ts';

export interface AccessOptions extends Omit<GateOptions, 'count'> {
  /** Origins whose pages may read the answers. */
  readonly cors: readonly string[];
  /** Requests of one caller in a minute on routes that read the graph; 0 for no limit. Loopback is not counted. */
  readonly rateLimit: number;
  /** Whether the answers go out by TLS. */
  readonly tls: boolean;
  /** Thresholds of load shedding. */
  readonly pressure?: PressureOptions;
}

/** So many callers' limits may one tenant use up. */
const callersOfTenant = 5;

/** To be called before routes are added. */
export function addAccess(app: Server, options: AccessOptions): void {
  void app.register(helmet, headersOf(options.tls));
  if (options.cors.length > 0) {
    void app.register(cors, corsOf(options.cors));
    void app.register(embeddable(options.cors));
  }
  // As a plugin of its own it comes behind those above, and holds for the whole application.
  const gate = async (within: Server) => {
    shedLoad(within, options.pressure);
    within.addHook('onRequest', createGate({ ...options, count: counter(options) }));
  };
  void app.register(Object.assign(gate, { [Symbol.for('skip-override')]: true }));
}

/** Of the Model Context Protocol, in both of its eras. */
const messageHeaders = ['mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id'];

/** Pages of ours bring their own styles, and no scripts but files of ours. */
function headersOf(tls: boolean) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' as const },
    referrerPolicy: { policy: 'no-referrer' as const },
    strictTransportSecurity: tls ? { maxAge: 15_552_000, includeSubDomains: false } : false,
  };
}

function corsOf(origins: readonly string[]) {
  return {
    origin: [...origins],
    // Messages to /mcp are posted; nothing that is posted writes.
    methods: ['GET', 'HEAD', 'POST'],
    allowedHeaders: ['authorization', 'accept', 'if-none-match', 'last-event-id', 'content-type', ...messageHeaders],
    exposedHeaders: ['etag', 'retry-after', 'link'],
    maxAge: 600,
  };
}

/** Pages of allowed origins may show an answer as a picture, too: https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header */
function embeddable(origins: readonly string[]) {
  const trusted = new Set(origins);
  const plugin = async (app: Server) => {
    app.addHook('onRequest', async ({ headers }, reply) => {
      const origin = askingOrigin(headers);
      if (origin !== undefined && trusted.has(origin)) reply.header('cross-origin-resource-policy', 'cross-origin');
    });
  };
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true });
}

/** Probes and metrics say how it is; to refuse them would only hide it. */
function shedLoad(app: Server, thresholds: PressureOptions = {}): void {
  const pressure = new Pressure(app.log, thresholds);
  app.addHook('onClose', async () => pressure.close());
  app.addHook('onRequest', async (request) => {
    const reason = pressure.reason();
    if (reason === undefined || isOpen(request) || request.routeOptions.url === '/metrics') return;
    throw fault('overloaded', { reason });
  });
}

/** Tokens are free to whoever may create ServiceAccounts: their namespace has a limit, too. */
function counter({ rateLimit, clock }: AccessOptions) {
  const byCaller = new Windows({ most: rateLimit, clock });
  const byTenant = new Windows({ most: rateLimit * callersOfTenant, clock });
  return (request: FastifyRequest, reply: FastifyReply, tenant: string): void => {
    if (rateLimit === 0 || !isCostly(request) || isLoopback(request.ip)) return;
    const caller = request.caller || request.ip;
    const wait = Math.max(byCaller.wait(caller), byTenant.wait(tenant));
    if (wait > 0) {
      reply.header('retry-after', wait);
      throw fault('too_many_requests');
    }
    byCaller.count(caller);
    byTenant.count(tenant);
  };
}

/** By the route that was found, never by how the URL was written. */
function isCostly({ routeOptions: { url = '' } }: FastifyRequest): boolean {
  return /^\/(?:cluster|debug|mcp)(?:\/|$)/.test(url);
}
