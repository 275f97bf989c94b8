// Who asks, how often, and what graph they are answered from. A caller who may see everything goes on to the routes of
// the application; one who may not is handed over, request and all, to the application of their scope.
import type { TLSSocket } from 'node:tls';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../src/clock.ts';
import { fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import { createAttempts } from './attempts.ts';
import type { Authenticator, Caller } from './auth/authenticator.ts';
import type { Rights } from './auth/rights.ts';
import type { RightsOfCallers } from './auth/rights-of-callers.ts';

import type { OpenRequests } from './open-requests.ts';
import type { VisibleGraphs } from './visible-graphs/visible-graphs.ts';

export interface GateOptions {
  /** Undefined: everybody may see everything. */
  readonly authenticator?: Authenticator | undefined;
  /** Undefined: whoever is known may see everything. */
  readonly limits?: Limits | undefined;
  readonly open: OpenRequests;
  /** Called with each request whose answer costs something. @throws Fault `too_many_requests`. */
  readonly count: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  readonly clock: Clock;
}

/** What it takes to answer callers who may not see everything. */
export interface Limits {
  readonly rights: RightsOfCallers;
  readonly visibleGraphs: VisibleGraphs<Server>;
  /** Whether the graph is whole: before, what a part of it holds would tell of the rest. */
  readonly synced: () => boolean;
}

/** Refused tokens of one address in a minute. */
const mostRefusals = 30;
/** They say nothing of any cluster. */
const documents = /^\/(?:openapi\.json|docs(?:\/.*)?)$/;

export function createGate({ authenticator, limits, open, count, clock }: GateOptions) {
  const attempts = createAttempts(mostRefusals, clock);

  async function callerOf(request: FastifyRequest, reply: FastifyReply): Promise<Caller | undefined> {
    if (!authenticator) return undefined;
    const { authorization } = request.headers;
    const wait = attempts.wait(request.ip);
    if (wait > 0) {
      reply.header('retry-after', wait);
      throw fault('too_many_requests');
    }
    const caller = await authenticator.callerOf(authorization);
    if (caller) return caller;
    // Asking without any token is how a client learns that it needs one.
    if (authorization !== undefined) attempts.failed(request.ip);
    reply.header('www-authenticate', 'Bearer realm="cluster-insight"');
    throw fault('unauthorized');
  }

  async function pass(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (isOpen(request)) return undefined;
    const caller = await callerOf(request, reply);
    request.caller = caller?.name ?? certificateName(request) ?? '';
    await count(request, reply);
    if (!caller) return hold(request, reply, undefined);
    if (!limits) return hold(request, reply, standingText(caller));
    if (request.routeOptions.url === '/metrics') return demandMetrics(limits, caller);
    if (request.routeOptions.url === resyncPath) return demandResync(limits, caller);
    const rights = await limits.rights.of(caller);
    hold(request, reply, standingText(caller, rights));
    return rights.everything ? undefined : handOver(limits, rights, request, reply);
  }

  function hold(request: FastifyRequest, reply: FastifyReply, standing: string | undefined): undefined {
    const { authorization } = request.headers;
    const endless = request.routeOptions.url === '/cluster/watch';
    open.add({ response: reply.raw, caller: request.caller, authorization, standing, endless });
    return undefined;
  }

  return pass;
}

/** Metrics count what is in every namespace: who may read them is said as everywhere in Kubernetes. */
async function demandMetrics({ rights }: Limits, caller: Caller): Promise<undefined> {
  if (await rights.mayRead(caller, '/metrics')) return undefined;
  throw fault('forbidden', { reason: 'it takes the right to get the non-resource URL /metrics' });
}

const resyncPath = '/cluster/resync';

/** What it costs the API server is everybody's; what it answers says nothing of any object. */
async function demandResync({ rights }: Limits, caller: Caller): Promise<undefined> {
  if (await rights.mayPost(caller, resyncPath)) return undefined;
  throw fault('forbidden', { reason: `it takes the right to post to the non-resource URL ${resyncPath}` });
}

async function handOver(
  { visibleGraphs, synced }: Limits,
  rights: Rights,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!synced()) throw fault('not_ready', { reason: 'the first lists are not whole' });
  const { app, leave } = await visibleGraphs.enter(rights);
  reply.raw.once('close', leave);
  if (reply.raw.destroyed) leave();
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  reply.hijack();
  app.routing(request.raw, reply.raw);
  return reply;
}

/** A caller and what they may see, as one text. */
export function standingText({ key }: Caller, rights?: Rights): string {
  return `${key} ${rights?.key ?? '*'}`;
}

/** Probes carry no token; documents need none. */
export function isOpen(request: FastifyRequest): boolean {
  const { probe, open } = request.routeOptions.config ?? {};
  return probe === true || open === true || documents.test(request.url.split('?', 1)[0] ?? '');
}

/** Whom a client certificate names, where one was asked for. */
function certificateName({ raw }: FastifyRequest): string | undefined {
  const socket = raw.socket as Partial<TLSSocket>;
  const name = socket.authorized === true ? socket.getPeerCertificate?.().subject?.CN : undefined;
  return typeof name === 'string' ? name : undefined;
}
