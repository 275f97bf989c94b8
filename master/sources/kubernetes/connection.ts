// The one way to an API server: each request of any mode is sent here, with credentials looked at for each, and each becomes a
// line of the audit. HTTP/1.1 with connections kept open. Paths in, bytes out; `client.ts` is what reads over it.
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { type Audit, type Exchange, noAudit } from '../../../src/audit/audit.ts';
import { type Clocks, type MonotonicClock, systemClocks } from '../../../src/clock.ts';
import { createAgents } from './agents.ts';
import { ApiFailure } from './api-failure.ts';
import { type Credentials, createCredentials, type Material } from './credentials.ts';
import { type AccessOptions, findAccess } from './kubeconfig.ts';
import { proxyOf } from './proxy.ts';

export interface RequestOptions {
  readonly headers?: { readonly [name: string]: string };
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which the answer counts as lost. */
  readonly idle?: number;
  /** Bytes; a longer answer is a failure with status 413. */
  readonly limit?: number;
  /** What it is for, in the audit. */
  readonly purpose?: string;
}

export interface Outgoing extends RequestOptions {
  readonly method: string;
  /** Begins with a slash, and has its query. */
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
  /** Without a slash at its end. */
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly agent: http.Agent;
  /** The bearer token that says who the user is; none for one who comes by certificate, or acts as somebody else. */
  readonly token: string | undefined;
  /** Who sends by these means tells the audit of it. */
  readonly audit: Audit;
}

export interface Connection {
  /** The API server's URL. */
  readonly server: string;
  readonly contextName: string;
  /** Resolves with the headers; the body comes as it comes, and leaving its loop closes the connection. */
  send(request: Outgoing): Promise<Stream>;
  /** How the command reaches the server by itself, with the same credentials. */
  dial(): Promise<Dial>;
  close(): void;
}

export interface ClientOptions extends AccessOptions {
  readonly clocks?: Clocks;
  /** Milliseconds for a connection to be made. */
  readonly connectTimeout?: number;
  /** Makes the connections, where they are not the network's. */
  readonly agent?: http.Agent;
  /** Of every request; none for what is no API server. */
  readonly audit?: Audit;
}

/** One answer held in memory; V8 cannot make a string of more than 512 MB. */
export const mostBytes = 256 * 2 ** 20;
const usualIdle = 60_000;
const usualConnectTimeout = 10_000;
/** A refused credential is replaced once in this time, not once for each of sixty reflectors. */
const renewEvery = 5_000;

/**
 * Undefined when nothing names a cluster.
 * @throws Fault `bad_setting` when what names it cannot be read.
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

/** Chunk by chunk; leaving the loop closes the connection. */
export async function* counted(response: IncomingMessage, exchange: Exchange): AsyncGenerator<Buffer> {
  for await (const chunk of response as AsyncIterable<Buffer>) {
    exchange.took(chunk.length);
    yield chunk;
  }
}

/** Who acts as another has that other's rights with the API server alone: elsewhere the token stands for its owner. */
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

/** A token can end between two readings of its file: a refusal is worth one more try where there is another token. */
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
  const { request: make } = base.protocol === 'https:' ? https : http;
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

/** The server closed a kept connection at the moment we used it again: nothing was asked yet. */
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

/** Tells the audit how a request goes on, to its end. */
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
 * @throws ApiFailure 413 when it is longer than `limit` bytes.
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
