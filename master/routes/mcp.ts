// POST /mcp: the graph for assistants, by the Model Context Protocol.
// https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
// The handler is loaded with the first request, because most masters never get one.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fault } from '../../src/errors.ts';
import { isRecord } from '../../src/fields.ts';
import { noteCall } from '../../src/http/called.ts';
import type { Server } from '../../src/http/server.ts';
import { isLoopback } from '../../src/settings/config-checks.ts';
import { askerOf } from '../access/asker.ts';
import type { createHandler } from '../mcp/serve.ts';
import type { Route } from './route.ts';

type Handler = ReturnType<typeof createHandler>;

export const mcp = {
  name: 'mcp',
  register(app, context) {
    serveMessages(app, context.origins ?? [], async () => {
      const { createHandler } = await import('../mcp/serve.ts');
      return createHandler(context);
    });
  },
} as const satisfies Route;

/** Loads the handler with the first message and closes it with the application. */
export function serveMessages(app: Server, origins: readonly string[], load: () => Promise<Handler>): void {
  let loaded: Promise<Handler> | undefined;
  app.addHook('onClose', async () => (await loaded)?.close());
  const onRequest = async ({ headers }: FastifyRequest) => demandOrigin(headers, origins);
  app.post('/mcp', { schema: { hide: true }, onRequest }, async (request, reply) => {
    // A batch of calls would count as one request.
    if (!isRecord(request.body)) throw fault('bad_request', { reason: 'its body must be one message of JSON-RPC' });
    noteCall(request.raw, nameOf(request.body));
    loaded ??= load();
    return respond(request, reply, await (await loaded).fetch(webRequest(request, reply), options(request, reply)));
  });
}

/**
 * Browsers send the page's origin. A stranger's page can make its own name resolve to our address, so that origin and host
 * agree; without a token that proves nothing.
 * @throws Fault `forbidden`.
 */
function demandOrigin(
  { origin, host = '', authorization }: FastifyRequest['headers'],
  origins: readonly string[],
): void {
  if (origin === undefined || origins.includes(origin)) return;
  const from = URL.parse(origin);
  if (from !== null && isLoopback(from.hostname.replace(/^\[|\]$/g, ''))) return;
  if (from !== null && authorization !== undefined && from.host === host.toLowerCase()) return;
  throw fault('forbidden', { reason: 'pages of this origin may not ask; CLUSTER_INSIGHT_CORS names those that may' });
}

/** The tenant whose share of time it uses travels with the message: the package passes it to the handler. */
function options({ body }: FastifyRequest, { raw }: FastifyReply) {
  return { parsedBody: body, authInfo: { token: '', clientId: askerOf(raw), scopes: [] } };
}

/** For the log: the tool, otherwise the method. */
function nameOf({ method, params }: { readonly [name: string]: unknown }): string {
  const name = isRecord(params) ? (params.name ?? params.uri) : undefined;
  return [method, name].filter((each) => typeof each === 'string').join(' ');
}

function webRequest({ headers, body, method }: FastifyRequest, { raw }: FastifyReply): Request {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  const given = new Headers();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) given.set(name, String(value));
  given.delete('content-length');
  // Only path and headers are read; the host was checked on entry.
  return new Request('http://localhost/mcp', {
    method,
    headers: given,
    body: JSON.stringify(body),
    signal: gone.signal,
  });
}

/** Answers are short and sent whole; only readers of notifications, of which there are none, keep a connection. */
async function respond(request: FastifyRequest, reply: FastifyReply, { status, headers, body }: Response) {
  reply.code(status).header('cache-control', 'no-store');
  for (const [name, value] of headers)
    if (name !== 'content-length' && name !== 'connection') reply.header(name, value);
  if (body === null) return reply.send();
  const stream = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
  return reply.send(isWaiting(request) ? stream : Buffer.concat(await stream.toArray()));
}

function isWaiting({ body }: FastifyRequest): boolean {
  return isRecord(body) && body.method === 'subscriptions/listen';
}
