// The HTTP server both modes are built on: it answers every failure in our form and logs every request. Routes are
// added by the modes; nothing here knows any.

import { createServer as createHttpServer, STATUS_CODES } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import { type Clock, timestampOf } from '../clock.ts';
import { connectionsOf, type Share } from '../descriptors.ts';
import { type Fault, failureBody, fault } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { redactText } from '../redact.ts';
import { type AdmissionOptions, createAdmission } from './admission.ts';
import { whenAnswered } from './answered.ts';
import { callOf } from './called.ts';
import { type Compilers, compilersWhenAsked } from './compilers-when-asked.ts';
import { Connections } from './connections.ts';
import { answerPlainToo } from './either.ts';
import { faultOf } from './http-faults.ts';
import { collectRoutes } from './server-routes.ts';

/** The longest URL that is looked at; ids and selectors of a cluster stay far below. */
export const urlLimit = 8192;

/** Bounds of what somebody costs who has not said who they are. */
export interface ServerLimits {
  /** Bytes of a request line and its headers. */
  readonly headers: number;
  readonly connections: Share;
}

/** A token may have 16 KiB. What the process itself has open: a watch for each kind, minions, files. */
export const usualLimits: ServerLimits = { headers: 32_768, connections: { reserve: 224, most: 4096 } };

/** Milliseconds. */
const times = {
  headers: 10_000,
  request: 30_000,
  /** A reader that takes nothing for so long is gone; one that is slow is not. */
  connection: 120_000,
  keepAlive: 72_000,
  /** How often it is looked whether they are over. */
  check: 5_000,
} as const;

export type Server = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Asked by a machine every few seconds. */
    probe?: boolean;
    /** A page of its own, and cheap: pages of other sites may link to it. */
    linkable?: boolean;
    /** Whether a request is answered without asking who sends it: what is answered says nothing of any cluster. */
    open?: boolean | ((request: Pick<FastifyRequest, 'headers'>) => boolean);
  }
  interface FastifyRequest {
    /** Who asks, for the log; empty where nobody was asked to say. */
    caller: string;
  }
}

export interface ServerOptions {
  readonly logger: Logger;
  /** Certificate, key and, for mutual TLS, the CA of clients. */
  readonly https?: SecureContextOptions & TlsOptions;
  /** With a certificate: answers plain HTTP on the same port, too. */
  readonly plainToo?: boolean;
  readonly clock?: Clock;
  readonly limits?: ServerLimits;
  /** What it refuses unread; an application behind another one leaves that to it. */
  readonly admission?: AdmissionOptions;
  /** Whether the process is about to end: then no connection is kept for a next request. */
  readonly leaving?: () => boolean;
  /** Told of each failure that is answered. */
  readonly onFailure?: (failure: Fault) => void;
  /** What checks requests by their schemas and writes answers, in place of the framework's own, which is loaded when asked. */
  readonly compilers?: Compilers;
}

export function createServer(all: ServerOptions): Server {
  const { logger, clock = Date.now, leaving = () => false, onFailure, compilers = compilersWhenAsked, admission } = all;
  const refused = admission ? createAdmission(admission) : () => undefined;
  function fail(request: FastifyRequest, reply: FastifyReply, answer: Fault, cause?: unknown): FastifyReply {
    onFailure?.(answer);
    return send(request, reply, answer, clock, cause);
  }

  const options: FastifyServerOptions = {
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: urlLimit },
    bodyLimit: 65536,
    forceCloseConnections: 'idle',
    // What arrives on a kept connection while the server closes is answered as any other request.
    return503OnClosing: false,
    // Unknown query parameters are refused, not dropped, where a schema says `additionalProperties: false`.
    ajv: { customOptions: { removeAdditional: false } },
    schemaController: { compilersFactory: compilers },
    frameworkErrors: (error, request, reply) =>
      fail(request, reply, tooLong(request) ?? refused(request) ?? faultOf(error, request)),
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, clock),
  };
  const app = listener(options, all);
  app.decorateRequest('caller', '');
  const allowedAt = collectRoutes(app);
  whenAnswered(app, logRequest);
  app.addHook('onRequest', (request, reply, done) => {
    if (leaving()) reply.header('connection', 'close');
    done(tooLong(request) ?? refused(request));
  });
  app.setErrorHandler((error, request, reply) => fail(request, reply, faultOf(error, request), error));
  app.setNotFoundHandler((request, reply) => fail(request, reply, unrouted(request, reply, allowedAt)));
  return app;
}

function listener(options: FastifyServerOptions, { https, plainToo, limits = usualLimits }: ServerOptions): Server {
  const connections = new Connections(connectionsOf(limits.connections));
  const bounds = {
    maxHeaderSize: limits.headers,
    headersTimeout: times.headers,
    requestTimeout: times.request,
    keepAliveTimeout: times.keepAlive,
    connectionsCheckingInterval: times.check,
  };
  const secureServer = (tls: SecureContextOptions & TlsOptions, andPlain = false) => {
    const server = createHttpsServer({ ...tls, ...bounds });
    if (andPlain) answerPlainToo(server, { bounds, firstByte: times.headers, silence: times.connection });
    return server;
  };
  const serverFactory: FastifyServerOptions['serverFactory'] = (handler) => {
    const server = https ? secureServer(https, plainToo) : createHttpServer(bounds);
    connections.guard(server.on('request', handler));
    return server.setTimeout(times.connection);
  };
  // Typed as over HTTP: apart from the socket it is the same server.
  return fastify({ ...options, ...(https ? { https } : {}), serverFactory } as FastifyServerOptions);
}

function tooLong(request: FastifyRequest): Fault | undefined {
  return (request.raw.url?.length ?? 0) > urlLimit ? fault('uri_too_long', { limit: urlLimit }) : undefined;
}

/** Nothing is routed there: the path is unknown, or known with other methods only. */
function unrouted(request: FastifyRequest, reply: FastifyReply, allowedAt: (path: string) => string[]): Fault {
  const path = request.url.split('?', 1)[0] ?? '';
  const allow = allowedAt(path).join(', ');
  if (allow === '') return fault('not_found', { path });
  reply.header('allow', allow);
  return fault('method_not_allowed', { method: request.method, allow });
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Fault,
  clock: Clock,
  cause: unknown = answer,
): FastifyReply {
  // That nothing is read yet is no failure of this process, and every reader hears of it.
  if (answer.status >= 500 && answer.code !== 'not_ready') request.log.error({ err: cause }, answer.message);
  if (answer.retryAfter !== undefined) reply.header('retry-after', answer.retryAfter);
  reply.code(answer.status).type('application/json; charset=utf-8');
  // A serializer of its own: the route's schema need not know the failure's form.
  return reply.serializer(JSON.stringify).send(failureBody(answer, timestampOf(clock())));
}

function logRequest(request: FastifyRequest, reply: FastifyReply, whole: boolean): void {
  const { method, url, ip, caller, raw } = request;
  const call = callOf(raw);
  const facts = {
    ...(caller === '' ? {} : { who: caller }),
    method,
    // A token has no place in a URL, and people put it there all the same.
    url: redactText(url.slice(0, 512)),
    ...(call === undefined ? {} : { call: redactText(call) }),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
    from: ip,
    ...(whole ? {} : { brokenOff: true }),
  };
  // Probes come every few seconds: they are worth a line only when they fail.
  const isQuiet = request.routeOptions.config.probe === true && reply.statusCode < 400;
  request.log[isQuiet ? 'debug' : 'info']({ request: facts }, 'request');
}

interface ParserError {
  readonly code: string;
  /** A Buffer, though the framework types its JSON form. */
  readonly rawPacket?: unknown;
}

/** What HTTP's parser refuses never becomes a request; it is answered on the bare socket. */
function refuseConnection(error: ParserError, socket: Socket, clock: Clock): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const answer = parserFault(error);
  const body = JSON.stringify(failureBody(answer, timestampOf(clock())));
  const head = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function parserFault({ code, rawPacket }: ParserError): Fault {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return fault('request_timeout');
  if (code !== 'HPE_HEADER_OVERFLOW') return fault('bad_request', { reason: 'it is not HTTP' });
  const line = Buffer.isBuffer(rawPacket) ? rawPacket.indexOf('\r\n') : 0;
  return line < 0 || line > urlLimit ? fault('uri_too_long', { limit: urlLimit }) : fault('headers_too_large');
}
