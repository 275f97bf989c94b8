// One request from start to end: faults, authentication, resolution, authorization and answer.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { wantsMetadata } from './accept.ts';
import { aggregated, aggregatedVersion, coreVersions, group, groupList, resourceList } from './discovery.ts';
import { type Context, type Exchange, send, sendJson } from './exchange.ts';
import { type AnswerEffect, isStreamFault, misbehave } from './faults.ts';
import { healthAnswer } from './health.ts';
import { resourceName } from './kinds.ts';
import { get, listBytes, page, sendChunks } from './list.ts';
import { modify } from './modify.ts';
import { openapiDocument, openapiIndex } from './openapi.ts';
import { forward } from './proxy.ts';
import { representation } from './represent.ts';
import { describeRequest, parseUrl, type ResourceRequest, resolve, resourcePath } from './request.ts';
import { getScale } from './scale.ts';
import { expired, internal, methodNotAllowed, notServed, StatusError } from './status.ts';
import type { Collection } from './storage.ts';
import { Watch } from './watch.ts';

export async function handle(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('cache-control', 'no-cache, private');
  try {
    await answer(context, request, response);
  } catch (error) {
    fail(response, error instanceof StatusError ? error : internal(String(error)));
  }
}

async function answer(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = parseUrl(request);
  note(context, request, url);
  const met = context.faults.meet(request.method ?? 'GET', url);
  for (const fault of met) if (!isStreamFault(fault) && (await goWrong(fault, response))) return;
  const user = context.access.userOf(request);
  const path = resourcePath(url.pathname);
  const exchange = { request, response, url, user, streamFaults: met.filter(isStreamFault) };
  if (path?.plural) return resource(context, exchange, resolve(context.kinds, path, request.method ?? 'GET', url));
  plain(context, exchange);
}

/** True if the request is answered or never will be. */
function goWrong(fault: AnswerEffect, response: ServerResponse): Promise<boolean> {
  if (fault.effect === 'status') throw faultStatus(fault.code, fault.message, fault.retryAfter);
  if (fault.effect === 'expired') throw expired();
  return misbehave(fault, response);
}

const reasons: { readonly [code: number]: string } = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function faultStatus(code: number, message = 'out of order on purpose', retryAfter?: number): StatusError {
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  const details = retryAfter === undefined ? undefined : { retryAfterSeconds: retryAfter };
  return new StatusError(code, reasons[code] ?? 'Unknown', message, details, headers);
}

function fail(response: ServerResponse, error: StatusError): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  sendJson(response, error.body, error.code);
}

/** Everything that is no resource: health, version, discovery, and 404 in plain text otherwise. */
function plain(context: Context, exchange: Exchange): void {
  const { request, response, url, user } = exchange;
  context.access.demandPath(user, (request.method ?? 'GET').toLowerCase(), url.pathname);
  const health = healthAnswer(url, context.failingChecks);
  if (health) return send(response, Buffer.from(health.text), health.code, 'text/plain; charset=utf-8');
  if (request.method !== 'GET') throw methodNotAllowed();
  const found = document(context, request, url);
  const aggregate = aggregation(request, url);
  if (found)
    return send(response, Buffer.from(JSON.stringify(found)), 200, aggregate ? aggregatedType(aggregate) : undefined);
  send(response, Buffer.from('404 page not found\n'), 404, 'text/plain; charset=utf-8');
}

function document(context: Context, request: IncomingMessage, url: URL): object | undefined {
  const path = url.pathname.replace(/\/$/, '');
  const kinds = context.kinds.all();
  const aggregate = aggregation(request, url);
  if (aggregate) return aggregated(kinds, path === '/api', aggregate, context.staleGroups);
  if (path === '/version') return context.version;
  if (path === '/openapi/v3') return openapiIndex(kinds);
  if (path.startsWith('/openapi/v3/')) return openapiDocument(kinds, path.slice('/openapi/v3/'.length));
  return discovery(context, request, path);
}

/** The requested version of aggregated discovery, if any. */
function aggregation(request: IncomingMessage, url: URL): string | undefined {
  return /^\/apis?\/?$/.test(url.pathname) ? aggregatedVersion(request.headers.accept ?? '') : undefined;
}

function aggregatedType(version: string): string {
  return `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
}

function discovery(context: Context, request: IncomingMessage, path: string): object | undefined {
  const kinds = context.kinds.all();
  const steps = path.split('/').slice(1);
  if (path === '/api') return coreVersions(request.headers.host ?? 'localhost');
  if (path === '/apis') return groupList(kinds);
  if (steps[0] === 'api' && steps.length === 2) return resourceList(kinds, '', steps[1] ?? '');
  if (steps[0] !== 'apis' || steps.length > 3) return undefined;
  return groupDiscovery(context, steps[1] ?? '', steps[2]);
}

function groupDiscovery(context: Context, name: string, version: string | undefined): object | undefined {
  if (version === undefined) return group(context.kinds.all(), name);
  if (context.staleGroups.has(name)) throw faultStatus(503, 'service unavailable');
  return resourceList(context.kinds.all(), name, version);
}

async function resource(context: Context, exchange: Exchange, asked: ResourceRequest): Promise<void> {
  const { access, staleGroups, storage } = context;
  const name = resourceName(asked.kind);
  access.demand(exchange.user, asked);
  if (staleGroups.has(asked.kind.group)) throw faultStatus(503, 'service unavailable');
  if (asked.subresource?.split('/')[0] === 'proxy') return forward(context.forward, asked, exchange);
  if (!asked.kind.verbs.includes(asked.verb) && !asked.subresource) throw methodNotAllowed();
  const collection = storage.collection(asked.kind.storedAs ?? name);
  if (!['get', 'list', 'watch'].includes(asked.verb)) return modify(context, exchange, asked);
  return readResource(context, exchange, asked, collection);
}

/** v1 Endpoints carry a warning since 1.33, which kubectl shows. */
const endpointsWarning = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"';

async function readResource(
  context: Context,
  exchange: Exchange,
  asked: ResourceRequest,
  collection: Collection,
): Promise<void> {
  const { request, response, url } = exchange;
  const form = representation(asked.kind, asked.version, wantsMetadata(request.headers.accept, asked.verb === 'list'));
  if (asked.kind.plural === 'endpoints') response.setHeader('warning', endpointsWarning);
  if (asked.verb === 'watch') return follow(context, exchange, asked, collection);
  if (asked.subresource === 'scale') return sendJson(response, getScale(asked, collection));
  if (asked.subresource && asked.subresource !== 'status') throw notServed();
  if (asked.verb === 'get') return send(response, get(asked, collection, form));
  response.setHeader('content-type', 'application/json');
  const found = page(asked, url.searchParams, context.storage, collection);
  const gzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  // A client that disconnects is not our error.
  await sendChunks(response, listBytes(found, form, asked.kind.custom), gzip).catch(() => response.destroy());
}

function follow(context: Context, exchange: Exchange, asked: ResourceRequest, collection: Collection): void {
  const { request, response, url, streamFaults } = exchange;
  const form = representation(asked.kind, asked.version, wantsMetadata(request.headers.accept, false));
  const watch = new Watch(
    resourceName(asked.kind),
    asked,
    url.searchParams,
    form,
    response,
    context.storage,
    streamFaults,
  );
  response.setHeader('content-type', 'application/json');
  context.watches.add(watch);
  response.on('close', () => context.watches.delete(watch));
  watch.start(url.searchParams, collection, context.options);
}

/** Logs every request, failed ones included. */
function note({ access, log }: Context, request: IncomingMessage, url: URL): void {
  const { method = 'GET', headers } = request;
  const user = access.isKnown(request) ? access.userOf(request).username : '';
  log.add({ method, url: request.url ?? '/', what: describeRequest(method, url), user, accept: headers.accept ?? '' });
}
