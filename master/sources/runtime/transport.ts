// One GET to a minion, limited in bytes and by the caller's signal, over kept connections. Failures are Faults with stable
// wording, because they are shown as the reason of a state.
import type http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Fault, fault } from '../../../src/errors.ts';
import { nodeHttp } from '../../../src/http/node-http.ts';
import { certificateEnd } from '../../../src/http/tls.ts';
import type { CredentialSource, Credentials, Tls } from './credentials.ts';

export interface Answer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly body: Buffer;
}

export interface GetOptions {
  readonly signal: AbortSignal;
  /** Maximum bytes of the body. */
  readonly limit: number;
  readonly etag?: string | undefined;
  /** The minion's node: each has a token of its own. */
  readonly node?: string;
}

export interface Transport {
  /** @throws Fault `minion_unreachable`, `minion_nonsense`, `minion_too_large`, `credentials_unreadable`. */
  get(url: string, options: GetOptions): Promise<Answer>;
  certificateEnds(): CertificateEnds;
  close(): void;
}

/** Milliseconds since the epoch; undefined if no certificate was seen. */
export interface CertificateEnds {
  /** The earliest end among certificates on open connections. */
  readonly minions?: number;
  /** The earliest end among the CA certificates. */
  readonly ca?: number;
}

interface Agents {
  readonly tls: Tls;
  readonly http: http.Agent;
  readonly https: https.Agent;
}

export function createTransport(credentials: CredentialSource): Transport {
  let agents = agentsOf({});

  function renew(tls: Tls): Agents {
    if (agents.tls !== tls) {
      destroy(agents);
      agents = agentsOf(tls);
    }
    return agents;
  }

  async function once(url: string, options: GetOptions): Promise<Answer> {
    const current = await credentials.current(options.node, url);
    const { http: plain, https: secure } = renew(current.tls);
    return request(url, options, current, url.startsWith('https:') ? secure : plain);
  }

  return {
    async get(url, options) {
      const answer = await once(url, options);
      if (answer.status !== 401) return answer;
      // The token may have just been replaced: retry once with the current file.
      credentials.doubt();
      return once(url, options);
    },
    certificateEnds() {
      const ends = [...openSockets(agents.https)].flatMap((socket) => endBySocket.get(socket) ?? []);
      const ca = certificateEnd(agents.tls.ca);
      return { ...(ends.length > 0 ? { minions: Math.min(...ends) } : {}), ...(ca === undefined ? {} : { ca }) };
    },
    close: () => destroy(agents),
  };
}

/** End of the peer's certificate by connection. */
const endBySocket = new WeakMap<object, number>();

/** Parsing a certificate is slow: once per connection. */
function noteCertificate(socket: Socket): void {
  if (!(socket instanceof TLSSocket) || endBySocket.has(socket)) return;
  const end = Date.parse(socket.getPeerCertificate().valid_to);
  if (!Number.isNaN(end)) endBySocket.set(socket, end);
}

function* openSockets({ sockets, freeSockets }: https.Agent): Generator<Socket> {
  for (const lists of [sockets, freeSockets]) for (const list of Object.values(lists)) yield* list ?? [];
}

function agentsOf(tls: Tls): Agents {
  // A minion gets one request at a time, so one idle connection each is enough.
  const options = { keepAlive: true, maxFreeSockets: 1 };
  return { tls, http: new nodeHttp.Agent(options), https: new https.Agent({ ...options, ...tls }) };
}

function destroy(agents: Agents): void {
  agents.http.destroy();
  agents.https.destroy();
}

async function request(url: string, options: GetOptions, credentials: Credentials, agent: http.Agent): Promise<Answer> {
  try {
    return await send(url, options, credentials, agent);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    return send(url, options, credentials, agent).catch((again: unknown) => Promise.reject(unreachable(again)));
  }
}

/** A kept connection that the peer had just closed: the request is repeated. */
class StaleConnection extends Error {
  readonly code = 'ECONNRESET';
}

function send(url: string, options: GetOptions, { token }: Credentials, agent: http.Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const client = agent instanceof https.Agent ? https : nodeHttp;
    const request = client.get(url, { agent, signal: options.signal, headers: headersOf(token, options.etag) });
    request.on('error', (error) => {
      const stale = request.reusedSocket && !options.signal.aborted && hasCode(error, 'ECONNRESET');
      reject(stale ? new StaleConnection() : unreachable(error));
    });
    request.on('response', (response) => {
      noteCertificate(response.socket);
      collect(response, options.limit).then(
        (body) => resolve({ status: response.statusCode ?? 0, etag: response.headers.etag, body }),
        (error: unknown) => {
          request.destroy();
          reject(unreachable(error));
        },
      );
    });
  });
}

function headersOf(token: string | undefined, etag: string | undefined): http.OutgoingHttpHeaders {
  return {
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
  };
}

async function collect(response: http.IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(response.headers['content-length'] ?? 0) > limit) throw fault('minion_too_large', { limit });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw fault('minion_too_large', { limit });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const sentences: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to it',
  ETIMEDOUT: 'no connection in time',
  ENOTFOUND: 'its name is unknown',
  EAI_AGAIN: 'its name cannot be looked up',
};

/** A transport error as a Fault. */
export function unreachable(error: unknown): Fault | Error {
  if (error instanceof Error && 'code' in error && 'facts' in error) return error;
  const { code = 'unknown error' } = error as { code?: string };
  if (code.startsWith('HPE_')) return fault('minion_nonsense', { reason: 'not HTTP' }, error);
  // TLS errors have telling codes, such as CERT_HAS_EXPIRED.
  return fault('minion_unreachable', { reason: sentences[code] ?? code }, error);
}

function hasCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown }).code === code;
}
