// Sends every request of every mode to an API server, with current credentials and a line in the audit. HTTP/1.1 with
// keep-alive. It returns bytes; `client.ts` is the reading client on top.
import type http from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import https from 'node:https';
import { type Audit, type Exchange, noAudit } from '../../../src/audit/audit.ts';
import { type Clocks, type MonotonicClock, systemClocks } from '../../../src/clock.ts';
import { nodeHttp } from '../../../src/http/node-http.ts';
import { createAgents } from './agents.ts';
import { ApiFailure } from './api-failure.ts';
import { type Credentials, createCredentials, type Material } from './credentials.ts';
import { type AccessOptions, findAccess } from './kubeconfig.ts';
import { proxyOf } from './proxy.ts';

export interface RequestOptions {
  readonly headers?: { readonly [name: string]: string };
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte until the answer counts as lost. */
  readonly idle?: number;
  /** In bytes; longer answers fail with status 413. */
  readonly limit?: number;
  /** The purpose, for the audit. */
  readonly purpose?: string;
}

export interface Outgoing extends RequestOptions {
  readonly method: string;
  /** Begins with a slash and includes the query. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

export interface Stream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Dial {
  /** Without a trailing slash. */
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly agent: http.Agent;
  /** The user's bearer token; none for client certificates or impersonation. */
  readonly token: string | undefined;
  /** Other senders with these credentials must report to this audit. */
  readonly audit: Audit;
}

export interface Connection {
  /** The API server's URL. */
  readonly server: string;
  readonly contextName: string;
  /** Resolves with the headers, then streams the body. Leaving the loop closes the connection. */
  send(request: Outgoing): Promise<Stream>;
  /** How the command line connects by itself, with the same credentials. */
  dial(): Promise<Dial>;
  close(): void;
}

export interface ClientOptions extends AccessOptions {
  readonly clocks?: Clocks;
  /** Milliseconds to connect. */
  readonly connectTimeout?: number;
  /** Creates connections, in place of the network's agent. */
  readonly agent?: http.Agent;
  /** Of every request; undefined if the server is no API server. */
  readonly audit?: Audit;
}

/** One answer in memory; a V8 string has at most 512 MB. */
export const mostBytes = 256 * 2 ** 20;
const usualIdle = 60_000;
const usualConnectTimeout = 10_000;
/** Renews a rejected credential once per interval, not once per reflector. */
const renewEvery = 5_000;

/**
 * Undefined if no cluster is configured.
 * @throws Fault `bad_setting` if the configuration is unreadable.
 */
export async function connect(options: ClientOptions): Promise<Connection | undefined> {
  const access = findAccess(options);
  if (access === undefined) return undefined;
  const clocks = options.clocks ?? systemClocks;
  const credentials = await createCredentials(access, options.env, clocks);
  const connectTimeout = options.connectTimeout ?? usualConnectTimeout;
  const base = new URL(access.cluster.server);
  const { agent, audit = noAudit } = options;
  const agents = agent
    ? { agentFor: () => agent, close: () => agent.destroy() }
    : createAgents(base.protocol === 'https:', proxyOf(access, options.env));
  const send = createSender({ base, agents, connectTimeout, audit });
  const ask = withRenewal(credentials, send, clocks.monotonic);

  return {
    server: access.cluster.server,
    contextName: access.contextName,
    async send(request) {
      const { response, exchange } = await ask(request);
      return { status: response.statusCode ?? 0, headers: response.headers, body: counted(response, exchange) };
    },
    async dial() {
      const material = await credentials.material();
      const { headers, auth } = material;
      const basic = auth ? { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
      const flat = Object.entries(headers).map(([name, value]) => [name, String(value)]);
      return {
        url: access.cluster.server.replace(/\/$/, ''),
        headers: { 'user-agent': 'cluster-insight', ...Object.fromEntries(flat), ...basic },
        agent: agents.agentFor(material),
        token: tokenOf(material),
        audit,
      };
    },
    close: () => agents.close(),
  };
}

/** Streams chunks; leaving the loop closes the connection. */
export async function* counted(response: IncomingMessage, exchange: Exchange): AsyncGenerator<Buffer> {
  for await (const chunk of response as AsyncIterable<Buffer>) {
    exchange.took(chunk.length);
    yield chunk;
  }
}

/** Impersonation grants rights with the API server only: elsewhere the token would stand for its owner. */
function tokenOf({ headers }: Material): string | undefined {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  if (names.some((name) => name.startsWith('impersonate-'))) return undefined;
  return /^Bearer (.+)$/i.exec(String(headers['Authorization'] ?? ''))?.[1];
}

interface Answered {
  readonly response: IncomingMessage;
  readonly exchange: Exchange;
}

type Ask = (request: Outgoing) => Promise<Answered>;
type Send = (request: Outgoing, material: Material) => Promise<Answered>;

/** A token may expire before its file is read again: after a refusal another token is tried once. */
function withRenewal(credentials: Credentials, send: Send, clock: MonotonicClock): Ask {
  let renewed = Number.NEGATIVE_INFINITY;
  return async (request) => {
    const material = await credentials.material();
    const answered = await send(request, material);
    if (answered.response.statusCode !== 401 || clock() - renewed < renewEvery) return answered;
    renewed = clock();
    credentials.refused();
    const other = await credentials.material();
    if (isSame(material, other)) return answered;
    answered.response.on('data', (chunk: Buffer) => answered.exchange.took(chunk.length));
    return send(request, other);
  };
}

function isSame(one: Material, other: Material): boolean {
  return one.headers.Authorization === other.headers.Authorization && one.tls.cert === other.tls.cert;
}

interface SenderOptions {
  readonly base: URL;
  readonly agents: ReturnType<typeof createAgents>;
  readonly connectTimeout: number;
  readonly audit: Audit;
}

function createSender({ base, agents, connectTimeout, audit }: SenderOptions): Send {
  const { request: make } = base.protocol === 'https:' ? https : nodeHttp;
  const prefix = base.pathname.replace(/\/$/, '');

  function once(request: Outgoing, material: Material): Promise<Answered> {
    const { method, path, body, contentType = 'application/json', headers, signal, idle = usualIdle } = request;
    const content =
      body === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
    const exchange = audit.begin({ method, path, purpose: request.purpose ?? 'read' });
    return new Promise((resolve, reject) => {
      const outgoing = make({
        host: base.hostname.replace(/^\[|\]$/g, ''),
        port: base.port || (base.protocol === 'https:' ? 443 : 80),
        path: prefix + path,
        method,
        agent: agents.agentFor(material),
        ...(material.auth ? { auth: material.auth } : {}),
        ...(signal ? { signal } : {}),
        headers: {
          'user-agent': 'cluster-insight',
          accept: 'application/json',
          ...headers,
          ...content,
          ...material.headers,
        },
      });
      outgoing.setTimeout(idle, () => outgoing.destroy(timedOut(`no byte came for ${idle / 1000} s`)));
      boundConnecting(outgoing, connectTimeout);
      whenOver(outgoing, exchange);
      outgoing.on('response', (response) => resolve({ response, exchange }));
      outgoing.on('error', (error) => reject(Object.assign(error, { reused: outgoing.reusedSocket })));
      outgoing.end(body);
    });
  }

  return async (request, material) => {
    try {
      return await once(request, material);
    } catch (error) {
      if (!wasClosedBefore(error) || request.signal?.aborted) throw error;
      return once(request, material);
    }
  };
}

/** The server closed a kept connection just when we reused it: the request was not processed. */
function wasClosedBefore(error: unknown): boolean {
  const { code, reused } = error as { readonly code?: string; readonly reused?: boolean };
  return reused === true && (code === 'ECONNRESET' || code === 'EPIPE');
}

function boundConnecting(outgoing: http.ClientRequest, bound: number): void {
  const timer = setTimeout(() => outgoing.destroy(timedOut('no connection')), bound);
  const clear = (): void => clearTimeout(timer);
  outgoing.once('close', clear);
  onConnected(outgoing, clear);
}

function onConnected(outgoing: http.ClientRequest, connected: () => void): void {
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) connected();
    else socket.once('secureConnect', connected).once('connect', () => 'encrypted' in socket || connected());
  });
}

/** Reports the outcome of a request to the audit. */
export function whenOver(outgoing: http.ClientRequest, exchange: Exchange): void {
  onConnected(outgoing, () => exchange.connected());
  outgoing.on('response', (response) => {
    exchange.answered(response.statusCode ?? 0);
    response.once('close', () => exchange.ended(response.complete ? undefined : 'cut'));
  });
  outgoing.on('error', (error: NodeJS.ErrnoException) => exchange.ended(error.code ?? error.name));
}

function timedOut(message: string): Error {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}

/**
 * The whole body.
 * @throws ApiFailure 413 if it exceeds `limit` bytes.
 */
export async function whole({ status, headers, body }: Stream, limit = mostBytes): Promise<Answer> {
  return { status, headers, body: await bodyOf(body, limit) };
}

export async function bodyOf(chunks: AsyncIterable<Buffer>, limit = mostBytes): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of chunks) {
    length += part.length;
    if (length > limit) throw new ApiFailure(413, `an answer is longer than ${limit} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts, length);
}
