// The rim as one plugin: headers, CORS, load shedding, then the gate. Each comes before what costs more than itself.
import { getHeapStatistics } from 'node:v8';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import { isLoopback } from '../../src/settings/config-checks.ts';
import { createGate, type GateOptions, isOpen } from './gate.ts';

export interface AccessOptions extends Omit<GateOptions, 'count'> {
  /** Origins whose pages may read the answers. */
  readonly cors: readonly string[];
  /** Requests of one caller in a minute on routes that read the graph; 0 for no limit. Loopback is not counted. */
  readonly rateLimit: number;
  /** Whether the answers go out by TLS. */
  readonly tls: boolean;
  /** Thresholds of load shedding. */
  readonly pressure?: { readonly maxEventLoopDelay?: number; readonly maxHeapUsedBytes?: number };
}

/** Milliseconds that the event loop lags behind, in the mean of a second. */
const mostLag = 2000;
/** Of the heap's limit: beyond it the process is about to die of the next large answer. */
const mostHeap = 0.93;
const costly = /^\/(?:cluster|debug|mcp)(?:[/?]|$)/;
const noLimit = async () => undefined;

/** To be called before routes are added. */
export function addAccess(app: Server, options: AccessOptions): void {
  void app.register(helmet, headersOf(options.tls));
  if (options.cors.length > 0) void app.register(cors, corsOf(options.cors));
  void app.register(underPressure, pressureOf(options.pressure ?? {}));
  if (options.rateLimit > 0) void app.register(rateLimit, { global: false });
  // As a plugin of its own it comes behind those above, and holds for the whole application.
  const gate = async (within: Server) => {
    const count = options.rateLimit > 0 ? counter(within, options.rateLimit) : noLimit;
    within.addHook('onRequest', createGate({ ...options, count }));
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

function pressureOf({
  maxEventLoopDelay = mostLag,
  maxHeapUsedBytes = getHeapStatistics().heap_size_limit * mostHeap,
}: NonNullable<AccessOptions['pressure']>) {
  return {
    maxEventLoopDelay,
    maxHeapUsedBytes,
    sampleInterval: 1000,
    // Probes and metrics say how it is; to refuse them would only hide it.
    pressureHandler(request: FastifyRequest, _reply: FastifyReply, type: string): Promise<void> | undefined {
      if (isOpen(request) || request.routeOptions.url === '/metrics') return undefined;
      const reason = type === 'heapUsedBytes' ? 'the heap is nearly full' : 'the event loop lags behind';
      return Promise.reject(fault('overloaded', { reason }));
    },
  };
}

function counter(app: Server, max: number) {
  const check = app.createRateLimit({
    max,
    timeWindow: 60_000,
    keyGenerator: ({ caller, ip }: FastifyRequest) => caller || ip,
  });
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!costly.test(request.url) || isLoopback(request.ip)) return;
    const state = await check(request);
    if (state.isAllowed || !state.isExceeded) return;
    reply.header('retry-after', state.ttlInSeconds);
    throw fault('too_many_requests');
  };
}
