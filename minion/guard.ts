// Rejects, before routing, what no client sends: bodies, upgrades, and URLs with characters used only in attacks.
import type { IncomingMessage } from 'node:http';
import { type Fault, fault } from '../src/errors.ts';
import type { Server } from '../src/http/server.ts';

/** Raw paths and queries, still encoded. */
const plainUrl = /^\/[A-Za-z0-9_.~:@%/-]*(?:\?[A-Za-z0-9_.~:@%/=&+,-]*)?$/;

export function guard(app: Server): void {
  app.addHook('onRequest', (request, reply, done) => {
    const refused = objectionTo(request.raw);
    // The rest of this connection cannot be trusted to be separate requests.
    if (refused) reply.header('connection', 'close');
    done(refused);
  });
}

export function objectionTo({
  url = '',
  method,
  headers,
}: Pick<IncomingMessage, 'url' | 'method' | 'headers'>): Fault | undefined {
  if (!plainUrl.test(url)) return fault('bad_request', { reason: 'the URL has characters that no path here has' });
  if (headers.upgrade !== undefined || headers['http2-settings'] !== undefined) {
    return fault('bad_request', { reason: 'connections are not upgraded here' });
  }
  const sends = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
  if (sends && (method === 'GET' || method === 'HEAD'))
    return fault('bad_request', { reason: 'a GET has no body here' });
  return undefined;
}
