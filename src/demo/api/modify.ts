// Writes over HTTP: reads the body, checks it against the URL, calls the writer and sends the result.
import type { KubernetesObject } from '../../model.ts';
import { mediaType, readBody } from './body.ts';
import { keyOf, type Stored } from './bytes.ts';
import { type Context, type Exchange, sendJson } from './exchange.ts';
import { resourceName, type ServedKind } from './kinds.ts';
import { filterOf } from './list.ts';
import { apiVersionOf, representation, whole } from './represent.ts';
import type { ResourceRequest } from './request.ts';
import { review } from './reviews.ts';
import { setScale } from './scale.ts';
import { badRequest, deleted, managerRequired, methodNotAllowed, notFound, unsupportedMedia } from './status.ts';
import { createWriter, mergePatch, strategicMerge, type Writer } from './write.ts';

type Verb = (context: Context, exchange: Exchange, asked: ResourceRequest, writer: Writer) => Promise<void>;

const verbs: { readonly [verb: string]: Verb } = {
  create,
  update,
  patch,
  delete: remove,
  deletecollection: removeAll,
};

export async function modify(context: Context, exchange: Exchange, asked: ResourceRequest): Promise<void> {
  const dry = exchange.url.searchParams.get('dryRun') === 'All';
  const writer = createWriter(context.kinds, context.storage, context.clock, dry);
  const verb = verbs[asked.verb];
  if (!verb) throw methodNotAllowed();
  await verb(context, exchange, asked, writer);
}

async function create(context: Context, exchange: Exchange, asked: ResourceRequest, writer: Writer): Promise<void> {
  const sent = await readBody(exchange.request);
  const body = asked.subresource === 'token' ? sent : placed(sent, asked);
  const answer = review(asked.kind.plural, body, exchange.user, context.access, asked.namespace);
  if (answer) return sendJson(exchange.response, answer, 201);
  if (asked.subresource === 'token') return sendJson(exchange.response, tokenFor(context, asked, body), 201);
  if (asked.subresource) throw methodNotAllowed();
  checkNamespace(context, asked);
  send(exchange, asked, writer.create(asked.kind, body), 201);
}

/** The answer to a TokenRequest. */
function tokenFor(
  { access, storage, clock }: Context,
  { kind, namespace = '', name = '' }: ResourceRequest,
  body: object,
) {
  if (!storage.collection('serviceaccounts').get(keyOf(namespace, name))) throw notFound({ ...kind, name });
  const { spec } = body as { readonly spec?: { readonly expirationSeconds?: number } };
  const seconds = Math.max(600, spec?.expirationSeconds ?? 3600);
  const expirationTimestamp = new Date(clock() + seconds * 1000).toISOString();
  return {
    ...body,
    status: { token: access.issue(`system:serviceaccount:${namespace}:${name}`), expirationTimestamp },
  };
}

/** The object with the namespace of its URL; a different one is rejected. */
function placed(object: KubernetesObject, { kind, version, namespace, name }: ResourceRequest): KubernetesObject {
  const metadata = object.metadata ?? {};
  checkType(object, kind, version);
  if (name && metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (namespace !== undefined && metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return { ...object, metadata: { ...metadata, ...(name && { name }), ...(namespace !== undefined && { namespace }) } };
}

function checkType(object: KubernetesObject, kind: ServedKind, version: string): void {
  const apiVersion = apiVersionOf(kind, version);
  if ((object.kind ?? kind.kind) === kind.kind && (object.apiVersion ?? apiVersion) === apiVersion) return;
  throw badRequest(`${object.kind} in version "${object.apiVersion}" cannot be handled as a ${kind.kind}`);
}

function checkNamespace({ storage }: Context, { namespace, kind, name }: ResourceRequest): void {
  if (kind.namespaced && namespace === undefined) throw badRequest('an empty namespace may not be set during creation');
  if (namespace === undefined || storage.collection('namespaces').get(namespace)) return;
  throw notFound({ group: '', plural: 'namespaces', name: namespace || (name ?? '') });
}

async function update(context: Context, exchange: Exchange, asked: ResourceRequest, writer: Writer): Promise<void> {
  const body = placed(await readBody(exchange.request), asked);
  if (asked.subresource === 'scale') return scale(context, exchange, asked, writer, () => body);
  send(exchange, asked, writer.update(asked.kind, body, asked.subresource));
}

type Merge = (target: unknown, patch: unknown) => unknown;

const merges: { readonly [type: string]: Merge } = {
  'application/merge-patch+json': mergePatch,
  'application/strategic-merge-patch+json': strategicMerge,
  'application/apply-patch+yaml': strategicMerge,
};

async function patch(context: Context, exchange: Exchange, asked: ResourceRequest, writer: Writer): Promise<void> {
  const type = mediaType(exchange.request);
  const merge = merges[type];
  if (!merge) throw unsupportedMedia(Object.keys(merges).join(', '));
  const body = await readBody(exchange.request);
  if (type.includes('apply') && !exchange.url.searchParams.get('fieldManager')) throw managerRequired();
  if (asked.subresource === 'scale')
    return scale(context, exchange, asked, writer, (now) => merge(now, body) as KubernetesObject);
  const key = keyOf(asked.namespace, asked.name ?? '');
  const existing = context.storage.collection(resourceName(asked.kind)).get(key);
  if (!existing && type.includes('apply'))
    return send(exchange, asked, writer.create(asked.kind, placed(body, asked)), 201);
  const change = (object: KubernetesObject) => merge(object, body) as KubernetesObject;
  send(exchange, asked, writer.change(asked.kind, key, change, asked.subresource));
}

async function scale(
  { storage }: Context,
  { response }: Exchange,
  asked: ResourceRequest,
  writer: Writer,
  change: (scale: KubernetesObject) => KubernetesObject,
): Promise<void> {
  sendJson(response, setScale(asked, storage.collection(resourceName(asked.kind)), writer, change));
}

async function remove(context: Context, exchange: Exchange, asked: ResourceRequest, writer: Writer): Promise<void> {
  await drain(exchange);
  const removed = writer.remove(asked.kind, keyOf(asked.namespace, asked.name ?? ''));
  if (asked.kind.plural === 'namespaces') emptyNamespace(context, removed.name, writer);
  sendJson(exchange.response, deleted({ ...asked.kind, name: removed.name }));
}

/** The work of the real namespace controller. */
function emptyNamespace({ kinds, storage }: Context, namespace: string, writer: Writer): void {
  for (const kind of kinds.all()) {
    if (!kind.namespaced || kind.storedAs) continue;
    const inside = storage
      .collection(resourceName(kind))
      .sorted()
      .filter((stored) => stored.namespace === namespace);
    for (const stored of inside) writer.remove(kind, stored.key);
  }
}

async function removeAll(context: Context, exchange: Exchange, asked: ResourceRequest, writer: Writer): Promise<void> {
  await drain(exchange);
  const filter = filterOf(asked, exchange.url.searchParams);
  const all = context.storage.collection(resourceName(asked.kind)).sorted();
  const meant = all.filter((stored) => asked.namespace === undefined || stored.namespace === asked.namespace);
  for (const stored of meant.filter((each) => !filter || filter(each))) writer.remove(asked.kind, stored.key);
  sendJson(exchange.response, deleted({ ...asked.kind }));
}

/** Delete options are read and ignored. */
async function drain({ request }: Exchange): Promise<void> {
  for await (const _ of request) continue;
}

function send({ response }: Exchange, { kind, version }: ResourceRequest, stored: Stored, code = 200): void {
  const bytes = whole(representation(kind, version, false), stored);
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}
