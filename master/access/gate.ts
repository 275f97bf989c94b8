// Authenticates, limits, and chooses the graph for a request. Callers who may see everything reach the application's
// routes; others are passed, request and all, to the application of their visible graph.
import type { TLSSocket } from 'node:tls';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import type { Strangers } from '../../src/strangers.ts';
import { setAsker } from './asker.ts';
import type { Authenticator, Caller } from './auth/authenticator.ts';
import type { Rights } from './auth/rights.ts';
import type { RightsOfCallers } from './auth/rights-of-callers.ts';

import { tenantOf } from './auth/tenant.ts';
import type { OpenRequests } from './open-requests.ts';
import type { VisibleGraphs } from './visible-graphs/visible-graphs.ts';

export interface GateOptions {
  /** Undefined: everyone may see everything. */
  readonly authenticator?: Authenticator | undefined;
  /** Undefined: every known caller may see everything. */
  readonly limits?: Limits | undefined;
  readonly open: OpenRequests;
  /** Called for each request with a cost. @throws Fault `too_many_requests`. */
  readonly count: (request: FastifyRequest, reply: FastifyReply, tenant: string) => void;
  readonly strangers: Strangers;
  /** Called once it is known who asks, for what only they may learn. */
  readonly admitted?: ((request: FastifyRequest, reply: FastifyReply) => void) | undefined;
}

/** Needed to answer callers with restricted rights. */
export interface Limits {
  readonly rights: RightsOfCallers;
  readonly visibleGraphs: VisibleGraphs<Server>;
  /** Whether the graph is complete: before that, parts of it would reveal something about the rest. */
  readonly synced: () => boolean;
}

export function createGate({ authenticator, limits, open, count, strangers, admitted }: GateOptions) {
  async function callerOf(request: FastifyRequest, reply: FastifyReply): Promise<Caller | undefined> {
    if (!authenticator) return undefined;
    const { authorization } = request.headers;
    // Many callers may share an address, so a known token is never rejected for others' failures.
    const caller = await authenticator.callerOf(authorization, (review) => strangers.ask(request.ip, review));
    if (caller) return caller;
    const wait = strangers.wait(request.ip);
    if (authorization !== undefined && wait > 0) {
      reply.header('retry-after', wait);
      throw fault('too_many_requests');
    }
    // Clients learn that a token is needed by asking without one.
    if (authorization !== undefined) strangers.refuse(request.ip);
    reply.header('www-authenticate', 'Bearer realm="cluster-insight"');
    throw fault('unauthorized');
  }

  async function pass(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (isOpen(request)) return undefined;
    const caller = await callerOf(request, reply);
    request.caller = caller?.name ?? certificateName(request) ?? '';
    admitted?.(request, reply);
    const tenant = tenantOf(caller, request.ip);
    setAsker(reply.raw, tenant);
    count(request, reply, tenant);
    if (!caller) return hold(request, reply, tenant, undefined);
    if (!limits) return hold(request, reply, tenant, standingText(caller));
    if (request.routeOptions.url === '/metrics') return demandMetrics(limits, caller);
    if (request.routeOptions.url === resyncPath) return demandResync(limits, caller);
    const rights = await limits.rights.of(caller);
    hold(request, reply, tenant, standingText(caller, rights));
    return rights.everything ? undefined : handOver({ limits, open }, { rights, tenant }, request, reply);
  }

  function hold(request: FastifyRequest, reply: FastifyReply, tenant: string, standing?: string): undefined {
    const { authorization } = request.headers;
    const endless = request.routeOptions.config?.endless === true;
    open.add({ response: reply.raw, caller: request.caller, tenant, authorization, standing, endless });
    return undefined;
  }

  return pass;
}

/** Metrics count resources of all namespaces: access follows the usual Kubernetes rules. */
async function demandMetrics({ rights }: Limits, caller: Caller): Promise<undefined> {
  if (await rights.mayRead(caller, '/metrics')) return undefined;
  throw fault('forbidden', { reason: 'it takes the right to get the non-resource URL /metrics' });
}

const resyncPath = '/cluster/resync';

/** It costs the API server, but its answer reveals nothing about objects. */
async function demandResync({ rights }: Limits, caller: Caller): Promise<undefined> {
  if (await rights.mayPost(caller, resyncPath)) return undefined;
  throw fault('forbidden', { reason: `it takes the right to post to the non-resource URL ${resyncPath}` });
}

async function handOver(
  { limits: { visibleGraphs, synced }, open }: { readonly limits: Limits; readonly open: OpenRequests },
  { rights, tenant }: { readonly rights: Rights; readonly tenant: string },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!synced()) throw fault('not_ready', { reason: 'the first lists are not whole' });
  const { app, leave } = await visibleGraphs.enter(rights, { tenant, cut: () => open.cutForShare(reply.raw) });
  reply.raw.once('close', leave);
  if (reply.raw.destroyed) leave();
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  reply.hijack();
  app.routing(request.raw, reply.raw);
  return reply;
}

/** A caller and their rights as one text. */
export function standingText({ key }: Caller, rights?: Rights): string {
  return `${key} ${rights?.key ?? '*'}`;
}

/** Probes have no token; documents need none, as they reveal nothing about a cluster. */
export function isOpen(request: FastifyRequest): boolean {
  const { config, url = '' } = request.routeOptions;
  const open = typeof config?.open === 'function' ? config.open(request) : config?.open;
  return (
    config?.probe === true || open === true || url === '/openapi.json' || url === '/docs' || url.startsWith('/docs/')
  );
}

/** The name in a client certificate, if one was requested. */
function certificateName({ raw }: FastifyRequest): string | undefined {
  const socket = raw.socket as Partial<TLSSocket>;
  const name = socket.authorized === true ? socket.getPeerCertificate?.().subject?.CN : undefined;
  return typeof name === 'string' ? name : undefined;
}
