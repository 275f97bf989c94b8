// The HTTP client of one API server: reads, watches, and the two reviews that ask who a caller is. Paths in, bytes out;
// what they mean is for others. HTTP/1.1 with connections kept open, credentials looked at anew for each request.
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { type Clocks, type MonotonicClock, systemClocks } from '../../../src/clock.ts';
import { createAgents } from './agents.ts';
import { ApiFailure, explain } from './api-failure.ts';
import { type Credentials, createCredentials, type Material } from './credentials.ts';
import { type AccessOptions, findAccess } from './kubeconfig.ts';
import { proxyOf } from './proxy.ts';

export interface Client {
  /** The API server's URL. */
  readonly server: string;
  readonly contextName: string;
  /** Resolves with whatever status; rejects when there is no whole answer. `path` begins with a slash. */
  get(path: string, options?: RequestOptions): Promise<Answer>;
  /** Resolves with the headers; the body comes as it comes, and leaving its loop closes the connection. */
  stream(path: string, options?: RequestOptions): Promise<Stream>;
  /** Asks about a caller. It is the only thing that is ever sent to an API server; nothing is kept of it there. */
  review(review: Review, options?: RequestOptions): Promise<Answer>;
  /** How the command reaches the server by itself, with the same credentials. */
  dial(): Promise<Dial>;
  close(): void;
}

export interface Dial {
  /** Without a slash at its end. */
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly agent: http.Agent;
  /** The bearer token that says who the user is; none for one who comes by certificate, or acts as somebody else. */
  readonly token: string | undefined;
}

const reviews = {
  TokenReview: { apiVersion: 'authentication.k8s.io/v1', plural: 'tokenreviews' },
  SubjectAccessReview: { apiVersion: 'authorization.k8s.io/v1', plural: 'subjectaccessreviews' },
} as const;

export interface Review {
  readonly kind: keyof typeof reviews;
  readonly spec: object;
}

export interface RequestOptions {
  readonly headers?: { readonly [name: string]: string };
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which the answer counts as lost. */
  readonly idle?: number;
  /** Bytes; a longer answer is a failure with status 413. */
  readonly limit?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Stream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
}

export interface ClientOptions extends AccessOptions {
  readonly clocks?: Clocks;
  /** Milliseconds for a connection to be made. */
  readonly connectTimeout?: number;
  /** Makes the connections, where they are not the network's. */
  readonly agent?: http.Agent;
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
export async function loadClient(options: ClientOptions): Promise<Client | undefined> {
  const access = findAccess(options);
  if (access === undefined) return undefined;
  const clocks = options.clocks ?? systemClocks;
  const credentials = await createCredentials(access, options.env, clocks);
  const connectTimeout = options.connectTimeout ?? usualConnectTimeout;
  const base = new URL(access.cluster.server);
  const { agent } = options;
  const agents = agent
    ? { agentFor: () => agent, close: () => agent.destroy() }
    : createAgents(base.protocol === 'https:', proxyOf(access, options.env));
  const send = createSender({ base, agents, connectTimeout });
  const ask = withRenewal(credentials, send, clocks.monotonic);

  return {
    server: access.cluster.server,
    contextName: access.contextName,
    get: async (path, request = {}) => whole(await ask({ path, ...request }), request.limit),
    async stream(path, request = {}) {
      const response = await ask({ path, ...request });
      return { status: response.statusCode ?? 0, headers: response.headers, body: response };
    },
    async review({ kind, spec }, request = {}) {
      const { apiVersion, plural } = reviews[kind];
      const body = JSON.stringify({ apiVersion, kind, spec });
      return whole(await ask({ path: `/apis/${apiVersion}/${plural}`, body, ...request }), request.limit);
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
      };
    },
    close: () => agents.close(),
  };
}

/** Who acts as another has that other's rights with the API server alone: elsewhere the token stands for its owner. */
function tokenOf({ headers }: Material): string | undefined {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  if (names.some((name) => name.startsWith('impersonate-'))) return undefined;
  return /^Bearer (.+)$/i.exec(String(headers['Authorization'] ?? ''))?.[1];
}

export type Reach =
  | { readonly reachable: true; readonly version: string }
  | { readonly reachable: false; readonly reason: string };

/** Whether the API server can be talked to, or in one sentence why not. */
export async function probe(client: Client, signal?: AbortSignal): Promise<Reach> {
  try {
    const answer = await client.get('/version', { idle: usualConnectTimeout, ...(signal ? { signal } : {}) });
    if (answer.status === 401)
      return { reachable: false, reason: `${client.server} refuses the credentials of context ${client.contextName}` };
    return { reachable: true, version: versionOf(answer) };
  } catch (error) {
    return { reachable: false, reason: `${client.server} cannot be reached: ${explain(error)}` };
  }
}

/** Some clusters show their version to nobody; they are reachable all the same. */
function versionOf({ status, body }: Answer): string {
  try {
    const { gitVersion } = JSON.parse(body.toString()) as { readonly gitVersion?: unknown };
    return status === 200 ? String(gitVersion ?? 'unknown') : 'unknown';
  } catch {
    return 'unknown';
  }
}

interface Outgoing extends RequestOptions {
  readonly path: string;
  /** Of a review; whatever has none reads. */
  readonly body?: string;
}

type Ask = (request: Outgoing) => Promise<IncomingMessage>;
type Send = (request: Outgoing, material: Material) => Promise<IncomingMessage>;

/** A token can end between two readings of its file: a refusal is worth one more try where there is another token. */
function withRenewal(credentials: Credentials, send: Send, clock: MonotonicClock): Ask {
  let renewed = Number.NEGATIVE_INFINITY;
  return async (request) => {
    const material = await credentials.material();
    const response = await send(request, material);
    if (response.statusCode !== 401 || clock() - renewed < renewEvery) return response;
    renewed = clock();
    credentials.refused();
    const other = await credentials.material();
    if (isSame(material, other)) return response;
    response.resume();
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
}

function createSender({ base, agents, connectTimeout }: SenderOptions): Send {
  const { request: make } = base.protocol === 'https:' ? https : http;
  const prefix = base.pathname.replace(/\/$/, '');

  function once(request: Outgoing, material: Material): Promise<IncomingMessage> {
    const { path, body, headers, signal, idle = usualIdle } = request;
    const content =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const outgoing = make({
        host: base.hostname.replace(/^\[|\]$/g, ''),
        port: base.port || (base.protocol === 'https:' ? 443 : 80),
        path: prefix + path,
        method: body === undefined ? 'GET' : 'POST',
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
      outgoing.on('response', resolve);
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
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) clear();
    else socket.once('secureConnect', clear).once('connect', () => 'encrypted' in socket || clear());
  });
}

function timedOut(message: string): Error {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}

/**
 * The whole body.
 * @throws ApiFailure 413 when it is longer than `limit` bytes.
 */
async function whole(response: IncomingMessage, limit = mostBytes): Promise<Answer> {
  return { status: response.statusCode ?? 0, headers: response.headers, body: await bodyOf(response, limit) };
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
