// An endpoint for exports in both protocols: it stores pages by name, replaces the previous run on commit, remembers every
// received byte, and misbehaves as a test demands.
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  /** Decompressed. */
  readonly text: string;
}

interface Refusal {
  readonly status: number;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string;
  /** Cuts the connection before or after processing the request. */
  readonly cut?: 'before' | 'after';
}

export interface FakeEndpoint {
  readonly url: string;
  readonly received: Received[];
  /** The last committed run: its pages by name, each once. */
  committed(): ReadonlyMap<string, string> | undefined;
  readonly manifests: { readonly [field: string]: unknown }[];
  /** Changes after the commits, by revision. */
  readonly changes: Map<string, string>;
  /** Number of runs that are neither committed nor aborted. */
  open(): number;
  misbehave: (request: Received, nth: number) => Refusal | undefined;
  /** Tokens issued by the login; the last one is valid. */
  tokens: string[];
  /** Invalidates the current token. */
  endToken(): void;
  forgetRuns(): void;
  close(): Promise<void>;
}

export const keyPair = { accessKey: 'the-access-key', secretKey: 'the-secret-key' };

export async function startEndpoint(tls?: https.ServerOptions): Promise<FakeEndpoint> {
  const runs = new Map<string, Map<string, string>>();
  const perPath = new Map<string, number>();
  let committed: Map<string, string> | undefined;
  let valid: string | undefined;

  const take = (request: Received): number => {
    const { method, path, text, query } = request;
    const own = /^\/v1\/clusters\/[^/]+\/runs\/([0-9a-f]{24})(?:\/(pages|changes|commit)(?:\/(\d+))?)?$/.exec(path);
    if (own) return takeOwn(method, own[1] ?? '', own[2], own[3] ?? '', text);
    const old = /^\/integrations\/k8s\/[a-z0-9_-]+\/fetching(?:\/(helm|tree|objects))?$/.exec(path);
    if (!old) return 404;
    const run = method === 'HEAD' ? String(query.get('fetchingId')) : String(JSON.parse(text).fetchingId);
    if (method === 'HEAD') runs.set(run, new Map());
    const pages = runs.get(run);
    if (!pages) return 404;
    if (method === 'POST') pages.set(String(request.headers['idempotency-key']), text);
    if (method === 'PATCH') swapIn(run, pages);
    return 204;
  };
  const takeOwn = (method: string, run: string, what: string | undefined, name: string, text: string): number => {
    if (method === 'DELETE') runs.delete(run);
    else if (what === undefined) runs.set(run, new Map());
    else if (what === 'changes') {
      if (!fake.manifests.some((each) => each['run'] === run)) return 404;
      fake.changes.set(name, text);
    } else {
      const pages = runs.get(run);
      if (!pages) return 404;
      if (what === 'pages') pages.set(name, text);
      else {
        fake.manifests.push(JSON.parse(text));
        swapIn(run, pages);
      }
    }
    return 204;
  };
  const swapIn = (run: string, pages: Map<string, string>) => {
    committed = pages;
    runs.delete(run);
  };
  const logIn = (request: Received, response: http.ServerResponse) => {
    const body = JSON.parse(request.text) as typeof keyPair;
    if (body.accessKey !== keyPair.accessKey || body.secretKey !== keyPair.secretKey)
      return void response.writeHead(403).end();
    valid = `token-${fake.tokens.length + 1}`;
    fake.tokens.push(valid);
    response.writeHead(200).end(JSON.stringify({ access_token: valid, expires_in: 3600, token_type: 'Bearer' }));
  };
  const handle: http.RequestListener = async (raw, response) => {
    const request = await read(raw);
    const key = `${request.method} ${request.path}`;
    const nth = (perPath.get(key) ?? 0) + 1;
    perPath.set(key, nth);
    fake.received.push(request);
    const refusal = fake.misbehave(request, nth);
    if (refusal?.cut === 'before') return void response.destroy();
    if (refusal && refusal.cut === undefined)
      return void response.writeHead(refusal.status, refusal.headers ?? {}).end(refusal.body);
    if (request.path.endsWith('/account/access_keys/login')) return logIn(request, response);
    if (valid !== undefined && request.headers.authorization !== `Bearer ${valid}`)
      return void response.writeHead(401).end();
    const status = take(request);
    if (refusal?.cut === 'after') return void response.destroy();
    response.writeHead(status).end();
  };
  const server = tls ? https.createServer(tls, handle) : http.createServer(handle);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const fake: FakeEndpoint = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    committed: () => committed,
    manifests: [],
    changes: new Map(),
    open: () => runs.size,
    misbehave: () => undefined,
    tokens: [],
    endToken: () => void (valid = 'none is valid'),
    forgetRuns() {
      runs.clear();
      fake.manifests.splice(0);
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return fake;
}

async function read(raw: http.IncomingMessage): Promise<Received> {
  const parts: Buffer[] = [];
  for await (const part of raw as AsyncIterable<Buffer>) parts.push(part);
  const body = Buffer.concat(parts);
  const encoding = raw.headers['content-encoding'];
  const plain = encoding === 'gzip' ? gunzipSync(body) : encoding === 'zstd' ? zstdDecompressSync(body) : body;
  const { pathname, searchParams } = new URL(raw.url ?? '/', 'http://localhost');
  return {
    method: raw.method ?? '',
    path: pathname,
    query: searchParams,
    headers: raw.headers,
    text: plain.toString(),
  };
}
