// The routes for actions at a gateway. Each corresponds to a route of the actor in the named cluster: the call is passed on with
// the caller's token, and the actor's answer is returned. The gateway decides nothing. While the actor is away, it returns the
// last reports to callers who may see the object according to the cluster's API server.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { digestOf } from '../../src/digest.ts';
import { isRecord } from '../../src/fields.ts';
import type { ActionCallAnswer } from '../../src/gateway-protocol/action-calls.ts';
import { answeredUnchanged } from '../../src/http/if-none-match.ts';
import { createServer, type Server, type ServerOptions } from '../../src/http/server.ts';
import { ActionRelay, type ActionRelayOptions, type Asking } from './action-relay.ts';

export interface ActionsAppOptions extends ActionRelayOptions {
  readonly server: ServerOptions;
}

const named = Type.Object(
  {
    cluster: Type.String({ minLength: 1, maxLength: 63, description: 'The cluster that is meant, as it was enrolled' }),
  },
  { additionalProperties: false },
);
const byId = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });
const schema = { querystring: named };
const ofOne = { querystring: named, params: byId };

/** Whether the path belongs to these routes. */
export function isOfActions(path: string): boolean {
  return path === '/policy' || path === '/actions' || path.startsWith('/actions/');
}

interface AskedOf {
  readonly query: { readonly cluster: string };
  readonly headers: { readonly authorization?: string | undefined };
  readonly ip: string;
}

export function createActionsApp(options: ActionsAppOptions): Server {
  const app = createServer(options.server);
  const relay = new ActionRelay(options);
  const asking = ({ query, headers, ip }: AskedOf): Asking => ({
    cluster: query.cluster,
    authorization: headers.authorization,
    address: ip,
  });
  app.get('/policy', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const { status, body } = await relay.ask(asking(request), { call: 'policy' });
    return reply.code(status).send(body);
  });
  app.post('/actions', { schema }, async (request, reply) => {
    const { status, body } = await relay.ask(asking(request), { call: 'propose', document: request.body });
    return reply.code(status).send(body);
  });
  app.get('/actions', { schema, exposeHeadRoute: false }, async (request, reply) => {
    return told(request, reply, await relay.list(asking(request)));
  });
  app.get('/actions/:id', { schema: ofOne, exposeHeadRoute: false }, async (request, reply) => {
    return told(request, reply, await relay.get(asking(request), request.params.id));
  });
  for (const call of ['approve', 'withdraw'] as const)
    app.post(`/actions/:id/${call}`, { schema: ofOne }, async (request, reply) => {
      const { status, body } = await relay.ask(asking(request), { call, id: request.params.id });
      return reply.code(status).send(body);
    });
  return app;
}

/** The validator leaves out the time of the answer: a reader who asks every few seconds gets the same list once. */
function told(request: FastifyRequest, reply: FastifyReply, { status, body }: ActionCallAnswer): FastifyReply {
  if (status !== 200) return reply.code(status).send(body);
  const lasting = isRecord(body) ? { ...body, timestamp: undefined } : body;
  const tag = `W/"${digestOf(JSON.stringify(lasting))}"`;
  reply.header('etag', tag).header('cache-control', 'no-cache');
  return answeredUnchanged(request, reply, tag) ? reply : reply.send(body);
}
