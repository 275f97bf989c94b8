// POST /mcp: the graph for assistants, by the Model Context Protocol. https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
//
// What answers is loaded with the first request: most masters are never asked this way.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fault } from '../../src/errors.ts';
import { isRecord } from '../../src/fields.ts';
import { noteCall } from '../../src/http/called.ts';
import type { Route, RouteContext } from './route.ts';

type Handler = ReturnType<typeof import('../mcp/serve.ts')['createHandler']>;

export const mcp = {
  name: 'mcp',
  register(app, context) {
    let loaded: Promise<Handler> | undefined;
    app.addHook('onClose', async () => (await loaded)?.close());
    app.post('/mcp', { schema: { hide: true } }, async (request, reply) => {
      // A list of calls would be one request for whoever counts them.
      if (!isRecord(request.body)) throw fault('bad_request', { reason: 'its body must be one message of JSON-RPC' });
      noteCall(request.raw, nameOf(request.body));
      loaded ??= load(context);
      return respond(reply, await (await loaded).fetch(webRequest(request, reply), { parsedBody: request.body }));
    });
  },
} as const satisfies Route;

async function load(context: RouteContext): Promise<Handler> {
  const { createHandler } = await import('../mcp/serve.ts');
  return createHandler(context);
}

/** For the log: the tool, or else the method. */
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
  // Only the path and the headers are looked at; whose host it is was checked where it came in.
  return new Request('http://localhost/mcp', {
    method,
    headers: given,
    body: JSON.stringify(body),
    signal: gone.signal,
  });
}

function respond(reply: FastifyReply, { status, headers, body }: Response): FastifyReply {
  reply.code(status).header('cache-control', 'no-store');
  for (const [name, value] of headers)
    if (name !== 'content-length' && name !== 'connection') reply.header(name, value);
  return reply.send(body === null ? undefined : Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]));
}
