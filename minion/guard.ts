// Refuses, before anything is routed, what no client of this service has a reason to send: bodies, upgrades, and URLs
// with characters that only attacks need.
import type { IncomingMessage } from 'node:http';
import { type Fault, fault } from '../src/errors.ts';
import type { Server } from '../src/http/server.ts';

/** Paths and queries as they are sent, still encoded. */
const plainUrl = /^\/[A-Za-z0-9_.~:@%/-]*(?:\?[A-Za-z0-9_.~:@%/=&+,-]*)?$/;

export function guard(app: Server): void {
  app.addHook('onRequest', (request, reply, done) => {
    const refused = objectionTo(request.raw);
    // What follows on this connection cannot be trusted to be a request of its own.
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
