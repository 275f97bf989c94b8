// Access control as one plugin: headers, CORS, load shedding, then the gate. Cheap checks come before expensive ones.
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { MonotonicClock } from '../../src/clock.ts';
import { fault } from '../../src/errors.ts';
import { askingOrigin } from '../../src/http/admission.ts';
import type { Server } from '../../src/http/server.ts';
import { isLoopback } from '../../src/settings/config-checks.ts';
import { Windows } from '../../src/windows.ts';
import { createGate, type GateOptions, isOpen } from './gate.ts';
import { Pressure, type PressureOptions } from './pressure.ts';

export interface AccessOptions extends Omit<GateOptions, 'count'> {
  readonly clock: MonotonicClock;
  /** Origins whose pages may read answers. */
  readonly cors: readonly string[];
  /** Requests per caller and minute on routes that read the graph; 0 for no limit. Loopback does not count. */
  readonly rateLimit: number;
  /** Whether answers leave over TLS. */
  readonly tls: boolean;
  /** Thresholds of load shedding. */
  readonly pressure?: PressureOptions;
}

/** A tenant may use up the limits of this many callers. */
const callersOfTenant = 5;

/** Call before adding routes. */
export function addAccess(app: Server, options: AccessOptions): void {
  void app.register(helmet, headersOf(options.tls));
  if (options.cors.length > 0) {
    void app.register(cors, corsOf(options.cors));
    void app.register(embeddable(options.cors));
  }
  // As a plugin of its own it runs after those above, for the whole application.
  const gate = async (within: Server) => {
    shedLoad(within, options.pressure);
    within.addHook('onRequest', createGate({ ...options, count: counter(options) }));
  };
  void app.register(Object.assign(gate, { [Symbol.for('skip-override')]: true }));
}

/** Of the Model Context Protocol, in both of its versions. */
const messageHeaders = ['mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id'];

/** Our pages use their own styles and no scripts but our files. */
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
    // Messages to /mcp are posted; none of them writes.
    methods: ['GET', 'HEAD', 'POST'],
    allowedHeaders: ['authorization', 'accept', 'if-none-match', 'last-event-id', 'content-type', ...messageHeaders],
    exposedHeaders: ['etag', 'retry-after', 'link'],
    maxAge: 600,
  };
}

/**
 * Pages of allowed origins may also embed an answer as a picture:
 * https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header
 */
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

/** Rejecting probes and metrics would only hide the state. */
function shedLoad(app: Server, thresholds: PressureOptions = {}): void {
  const pressure = new Pressure(app.log, thresholds);
  app.addHook('onClose', async () => pressure.close());
  app.addHook('onRequest', async (request) => {
    const reason = pressure.reason();
    if (reason === undefined || isOpen(request) || request.routeOptions.url === '/metrics') return;
    throw fault('overloaded', { reason });
  });
}

/** A user who can create ServiceAccounts has any number of tokens, so a namespace has a limit too. */
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

/** By the matched route, not the spelling of the URL. */
function isCostly({ routeOptions: { url = '' } }: FastifyRequest): boolean {
  return /^\/(?:cluster|debug|mcp)(?:\/|$)/.test(url);
}
