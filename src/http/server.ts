// The HTTP server of all modes: answers every failure in our form and logs every request. The modes add routes; none is
// known here.

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
import { redactText, redactUrl } from '../redact.ts';
import { type AdmissionOptions, createAdmission } from './admission.ts';
import { whenAnswered } from './answered.ts';
import { callOf } from './called.ts';
import { type Compilers, compilersWhenAsked } from './compilers-when-asked.ts';
import { Connections } from './connections.ts';
import { answerPlainToo } from './either.ts';
import { faultOf } from './http-faults.ts';
import { nodeHttp } from './node-http.ts';
import { collectRoutes, type ServedPaths } from './server-routes.ts';

/** Maximum length of a URL; real ids and selectors are much shorter. */
export const urlLimit = 8192;

/** Limits on what an unidentified caller can cost. */
export interface ServerLimits {
  /** Bytes of the request line and headers. */
  readonly headers: number;
  readonly connections: Share;
}

/** A token may have 16 KiB. The process itself needs descriptors: a watch per kind, minions, files. */
export const usualLimits: ServerLimits = { headers: 32_768, connections: { reserve: 224, most: 4096 } };

/** Milliseconds. */
const times = {
  headers: 10_000,
  request: 30_000,
  /** A reader that accepts nothing for this long is gone; a slow one is not. */
  connection: 120_000,
  keepAlive: 72_000,
  /** Interval of checks for expired timeouts. */
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
    /** Called by a machine every few seconds. */
    probe?: boolean;
    /** A file of a page: logged only where it fails. */
    isFile?: boolean;
    /** A cheap page of its own: other sites' pages may link to it. */
    linkable?: boolean;
    /** A stream that goes on until its reader leaves: not cut for being read for long. */
    endless?: boolean;
    /** Whether it is answered without authentication: such answers reveal nothing about a cluster. */
    open?: boolean | ((request: Pick<FastifyRequest, 'headers'>) => boolean);
  }
  interface FastifyRequest {
    /** The caller, for the log; empty without authentication. */
    caller: string;
  }
}

export interface ServerOptions {
  readonly logger: Logger;
  /** Certificate, key and, for mutual TLS, the client CA. */
  readonly https?: SecureContextOptions & TlsOptions;
  /** With a certificate: also answers plain HTTP on the same port. */
  readonly plainToo?: boolean;
  readonly clock?: Clock;
  readonly limits?: ServerLimits;
  /** What it rejects unread; left to the outer application if there is one. */
  readonly admission?: AdmissionOptions;
  /** Whether the process is about to end: then connections are not kept. */
  readonly leaving?: () => boolean;
  /** Called with each failure that is answered. */
  readonly onFailure?: (failure: Fault) => void;
  /** The end of the sentence for an unknown path, from those that are served: what answers in its place. */
  readonly hintOf?: (path: string, paths: readonly string[]) => string | undefined;
  /** What checks requests by their schemas and writes answers, in place of the framework's own, which is loaded when asked. */
  readonly compilers?: Compilers;
}

const noHint = () => undefined;

export function createServer(all: ServerOptions): Server {
  const { logger, clock = Date.now, leaving = () => false, onFailure, compilers = compilersWhenAsked } = all;
  const { admission, hintOf = noHint } = all;
  const refused = admission ? createAdmission(admission) : () => undefined;
  const objection = (request: FastifyRequest) => tooLong(request) ?? nameless(request) ?? refused(request);
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
    // A request on a kept connection during shutdown is answered normally.
    return503OnClosing: false,
    // Unknown query parameters are rejected, not dropped, if the schema says `additionalProperties: false`.
    ajv: { customOptions: { removeAdditional: false } },
    schemaController: { compilersFactory: compilers },
    frameworkErrors: (error, request, reply) => fail(request, reply, objection(request) ?? faultOf(error, request)),
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, clock),
  };
  const app = listener(options, all);
  app.decorateRequest('caller', '');
  const served = collectRoutes(app);
  whenAnswered(app, logRequest);
  app.addHook('onRequest', (request, reply, done) => {
    if (leaving()) reply.header('connection', 'close');
    done(objection(request));
  });
  app.setErrorHandler((error, request, reply) => fail(request, reply, faultOf(error, request), error));
  app.setNotFoundHandler((request, reply) => fail(request, reply, unrouted(request, reply, served, hintOf)));
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
    // Refused by us, in our form.
    requireHostHeader: false,
  };
  const secureServer = (tls: SecureContextOptions & TlsOptions, andPlain = false) => {
    const server = createHttpsServer({ ...tls, ...bounds });
    if (andPlain) answerPlainToo(server, { bounds, firstByte: times.headers, silence: times.connection });
    return server;
  };
  const serverFactory: FastifyServerOptions['serverFactory'] = (handler) => {
    const server = https ? secureServer(https, plainToo) : nodeHttp.createServer(bounds);
    connections.guard(server.on('request', handler));
    return server.setTimeout(times.connection);
  };
  // Typed as plain HTTP: apart from the socket it is the same server.
  return fastify({ ...options, ...(https ? { https } : {}), serverFactory } as FastifyServerOptions);
}

function tooLong(request: FastifyRequest): Fault | undefined {
  return (request.raw.url?.length ?? 0) > urlLimit ? fault('uri_too_long', { limit: urlLimit }) : undefined;
}

/** https://www.rfc-editor.org/rfc/rfc9112#name-request-target */
function nameless({ raw: { httpVersion, headers } }: FastifyRequest): Fault | undefined {
  if (httpVersion !== '1.1' || headers.host !== undefined) return undefined;
  return fault('bad_request', { reason: 'it has no Host header' });
}

/** The path is unknown, or known with other methods only. */
function unrouted(
  request: FastifyRequest,
  reply: FastifyReply,
  served: ServedPaths,
  hintOf: NonNullable<ServerOptions['hintOf']>,
): Fault {
  const path = request.url.split('?', 1)[0] ?? '';
  const allow = served.methodsOf(path).join(', ');
  if (allow === '') {
    const hint = hintOf(path, served.paths);
    return fault('not_found', { path, ...(hint === undefined ? {} : { hint }) });
  }
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
  // `not_ready` is no failure of this process and reaches every reader.
  if (answer.status >= 500 && answer.code !== 'not_ready') request.log.error({ err: cause }, answer.message);
  if (answer.retryAfter !== undefined) reply.header('retry-after', answer.retryAfter);
  reply.code(answer.status).type('application/json; charset=utf-8');
  // With its own serializer, so routes' schemas need not include the form of failures.
  return reply.serializer(lineOf).send(failureBody(answer, timestampOf(clock())));
}

/** With a line end, so that a shell prompt does not follow on the same line. */
function lineOf(body: object): string {
  return `${JSON.stringify(body)}\n`;
}

/** Characters of a URL that are looked through for the log. */
const longestUrl = 8192;

function logRequest(request: FastifyRequest, reply: FastifyReply, whole: boolean): void {
  const { method, url, ip, caller, raw } = request;
  const call = callOf(raw);
  const facts = {
    ...(caller === '' ? {} : { who: caller }),
    method,
    // A token does not belong in a URL, but people put it there.
    // Cut afterwards: half a secret does not look like one.
    url: redactUrl(url.slice(0, longestUrl)).slice(0, 512),
    ...(call === undefined ? {} : { call: redactText(call) }),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
    from: ip,
    ...(whole ? {} : { brokenOff: true }),
  };
  // Probes come every few seconds, files with every page: only failures are logged.
  const { probe, isFile } = request.routeOptions.config;
  const isQuiet = (probe === true || isFile === true) && reply.statusCode < 400;
  request.log[isQuiet ? 'debug' : 'info']({ request: facts }, 'request');
}

interface ParserError {
  readonly code: string;
  /** A Buffer, although the framework's type is its JSON form. */
  readonly rawPacket?: unknown;
}

/** What the HTTP parser rejects never becomes a request; the answer goes to the bare socket. */
function refuseConnection(error: ParserError, socket: Socket, clock: Clock): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const answer = parserFault(error);
  const body = lineOf(failureBody(answer, timestampOf(clock())));
  const head = [
    `HTTP/1.1 ${answer.status} ${nodeHttp.STATUS_CODES[answer.status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const notHttp = 'it is not valid HTTP; spaces and characters outside of ASCII in a URL must be percent-encoded';

function parserFault({ code, rawPacket }: ParserError): Fault {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return fault('request_timeout');
  if (code !== 'HPE_HEADER_OVERFLOW') return fault('bad_request', { reason: notHttp });
  const line = Buffer.isBuffer(rawPacket) ? rawPacket.indexOf('\r\n') : 0;
  return line < 0 || line > urlLimit ? fault('uri_too_long', { limit: urlLimit }) : fault('headers_too_large');
}
