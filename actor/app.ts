// The actor's routes: propose, look, approve, take back. A caller shows a token of the cluster; what they may see and approve is
// what the API server lets them do to the object themselves.
import type { IncomingHttpHeaders } from 'node:http';
import type { Registry } from 'prom-client';
import { type Clock, timestampOf } from '../src/clock.ts';
import { fault } from '../src/errors.ts';
import { firstSeen } from '../src/first-seen.ts';
import { getOrMake } from '../src/get-or-make.ts';
import { type Check, healthRoutes } from '../src/http/health.ts';
import { createServer, type Server, type ServerOptions } from '../src/http/server.ts';
import { actionOf } from './action.ts';
import { viaHeader } from './action-calls.ts';
import type { Actions, Proposer } from './actions.ts';
import { answerOf } from './answer.ts';
import type { Callers, User } from './callers.ts';
import type { Entry } from './ledger.ts';
import type { Policy } from './policy.ts';

export interface AppOptions {
  readonly server: ServerOptions;
  readonly actions: Actions;
  readonly callers: Callers;
  readonly policy: () => Promise<Policy>;
  readonly ready: readonly Check[];
  readonly metrics: Registry;
  readonly clock: Clock;
  /** The word that identifies a gateway's calls; undefined without a gateway. */
  readonly gatewayWord?: string | undefined;
}

/** These reveal nothing about actions. */
const open = new Set(['/livez', '/readyz', '/healthz', '/metrics']);

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller as known to the API server. */
    user: User | undefined;
  }
}

export function createApp(options: AppOptions): Server {
  const { server, callers, ready, metrics } = options;
  const app = createServer(server);
  app.decorateRequest('user', undefined);
  app.addHook('onRequest', async (request, reply) => {
    if (open.has(request.routeOptions.url ?? '')) return;
    try {
      request.user = await callers.callerOf(request.headers.authorization, request.ip);
      request.caller = request.user.username;
    } catch (error) {
      reply.header('www-authenticate', 'Bearer');
      const wait = callers.wait(request.ip);
      if (wait > 0) reply.header('retry-after', wait);
      throw error;
    }
  });
  healthRoutes(app, { live: [{ name: 'ping', check: () => true }], ready });
  app.get('/metrics', { exposeHeadRoute: false, logLevel: 'warn' }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
  readingRoutes(app, options);
  decidingRoutes(app, options);
  return app;
}

interface ById {
  readonly Params: { readonly id: string };
}

function readingRoutes(app: Server, { actions, callers, policy, clock }: AppOptions): void {
  app.get('/policy', { exposeHeadRoute: false }, async () => ({ success: true, policy: await policy() }));
  app.get('/actions', { exposeHeadRoute: false }, async (request) => {
    const user = userOf(request.user);
    const sees = rememberedIn(callers, user);
    const { shown, more } = await firstSeen(actions.all(), { isOwn: (entry) => isOwn(user, entry), sees });
    return { success: true, timestamp: timestampOf(clock()), actions: shown.map(answerOf), ...(more ? { more } : {}) };
  });
  app.get<ById>('/actions/:id', { exposeHeadRoute: false }, async ({ params, user }) => {
    const entry = actions.get(params.id);
    if (entry === undefined || !(await maySee(callers, userOf(user), entry)))
      throw fault('action_unknown', { id: params.id });
    return { success: true, timestamp: timestampOf(clock()), ...answerOf(entry) };
  });
}

function decidingRoutes(app: Server, { actions, callers, clock, gatewayWord }: AppOptions): void {
  app.post('/actions', async (request, reply) => {
    const user = userOf(request.user);
    // The answer shows the object, so the caller must be allowed to read it.
    const { target } = actionOf(request.body, clock());
    if (!(await callers.may('get', user, target)))
      throw fault('forbidden', {
        reason: `${user.username} may not get ${target.kind} ${target.namespace}/${target.name}`,
      });
    const via = viaOf(request.headers, gatewayWord);
    const known = actions.get(String((request.body as { readonly id?: unknown }).id)) !== undefined;
    const entry = await actions.propose(request.body, { name: user.username, via });
    return reply.code(known ? 200 : 201).send({ success: true, timestamp: timestampOf(clock()), ...answerOf(entry) });
  });
  app.post<ById>('/actions/:id/approve', async ({ params, user }, reply) => {
    const entry = await actions.approve(params.id, userOf(user));
    return reply.code(202).send({ success: true, timestamp: timestampOf(clock()), ...answerOf(entry) });
  });
  app.post<ById>('/actions/:id/withdraw', async ({ params, user }) => {
    const entry = await actions.withdraw(params.id, userOf(user));
    return { success: true, timestamp: timestampOf(clock()), ...answerOf(entry) };
  });
}

function viaOf(headers: IncomingHttpHeaders, gatewayWord: string | undefined): Proposer['via'] {
  if (gatewayWord !== undefined && headers[viaHeader] === gatewayWord) return 'gateway';
  return headers['user-agent']?.startsWith('kubectl-insight') ? 'command' : 'rest';
}

function userOf(user: User | undefined): User {
  if (user === undefined) throw fault('unauthorized');
  return user;
}

function isOwn({ username }: User, { proposed }: Entry): boolean {
  return proposed.by === username;
}

async function maySee(callers: Callers, user: User, entry: Entry): Promise<boolean> {
  return isOwn(user, entry) || callers.may('get', user, entry.action.target);
}

/** The same target is asked about once for all of an answer. */
function rememberedIn(callers: Callers, user: User): (entry: Entry) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  return (entry) => {
    const { kind, namespace, name } = entry.action.target;
    return getOrMake(known, `${kind} ${namespace}/${name}`, () => maySee(callers, user, entry));
  };
}
