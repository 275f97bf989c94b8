// A loopback server whose answers a test defines. It remembers the requests.
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
}

export interface FakeHttp {
  readonly url: string;
  readonly asked: Asked[];
  /** Requested paths since the last call. */
  taken(): string[];
  /** Defines the answer from the next request on. */
  answer: http.RequestListener;
  close(): Promise<void>;
}

export async function serve(answer: http.RequestListener, tls?: https.ServerOptions): Promise<FakeHttp> {
  const asked: Asked[] = [];
  const handle: http.RequestListener = (request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers });
    fake.answer(request, response);
  };
  const server = tls ? https.createServer(tls, handle) : http.createServer(handle);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const fake: FakeHttp = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    asked,
    taken: () => asked.splice(0).map(({ url }) => url),
    answer,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return fake;
}

export function json(
  response: http.ServerResponse,
  body: unknown,
  status = 200,
  headers: http.OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Answers `/snapshot` as a minion does: with an ETag of the content, and 304 if it is unchanged. */
export function minionAnswer(snapshot: () => unknown): http.RequestListener {
  return (request, response) => {
    const body = JSON.stringify(snapshot());
    const etag = `"${Buffer.from(body).toString('base64url').slice(-40)}"`;
    if (request.url !== '/snapshot') return json(response, { message: 'page not found' }, 404);
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
    response.writeHead(200, { 'content-type': 'application/json', etag }).end(body);
  };
}
