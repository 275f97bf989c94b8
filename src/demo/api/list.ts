// List and get: pages at one version, expiring continue tokens, and both forms of items. Pages are joined from stored bytes
// and written with back-pressure, so that a large list is never one buffer.
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { keyOf, type Stored } from './bytes.ts';
import { resourceName } from './kinds.ts';
import { item, type Representation, whole } from './represent.ts';
import type { ResourceRequest } from './request.ts';
import { both, type Filter, fieldFilter, labelFilter } from './selectors.ts';
import { badRequest, expired, notFound, tooLarge } from './status.ts';
import type { Collection, Storage } from './storage.ts';

export interface Page {
  readonly version: number;
  readonly items: readonly Stored[];
  readonly next?: string;
  readonly remaining?: number;
}

/** Objects of the request's namespace that match its selectors. */
export function filterOf(request: ResourceRequest, query: URLSearchParams): Filter | undefined {
  const name = request.name;
  const byName: Filter | undefined = name ? (stored) => stored.name === name : undefined;
  const labels = labelFilter(query.get('labelSelector') ?? '');
  const fields = fieldFilter(query.get('fieldSelector') ?? '', request.kind.storedAs ?? resourceName(request.kind));
  return both(byName, both(labels, fields));
}

export function page(request: ResourceRequest, query: URLSearchParams, storage: Storage, collection: Collection): Page {
  const token = query.get('continue');
  const limit = limitOf(query);
  const from = token ? decodeToken(token) : { version: storage.version(), start: '' };
  if (!token) checkVersion(query, storage.version());
  const all = token ? collection.snapshotAt(from.version) : snapshotFor(query, storage, collection);
  if (!all) throw expired();
  const version = token ? from.version : exactVersion(query, storage.version());
  return cut(request, query, all, version, from.start, limit);
}

/** As in the API server: a list at any version (`0`) is complete, from its cache, whatever the limit. */
function limitOf(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit) || limit < 0) throw badRequest(`invalid limit: ${query.get('limit')}`);
  const fromCache = query.get('resourceVersion') === '0' && !query.get('continue');
  return fromCache ? 0 : limit;
}

function checkVersion(query: URLSearchParams, current: number): void {
  const wanted = query.get('resourceVersion') ?? '';
  if (query.get('resourceVersionMatch') && wanted === '') {
    throw badRequest('resourceVersionMatch is forbidden unless resourceVersion is provided');
  }
  if (!/^\d*$/.test(wanted))
    throw badRequest(`Invalid value: "${wanted}": strconv.ParseUint: parsing "${wanted}": invalid syntax`);
  if (Number(wanted) > current) throw tooLarge(Number(wanted), current);
}

function exactVersion(query: URLSearchParams, current: number): number {
  return query.get('resourceVersionMatch') === 'Exact' ? Number(query.get('resourceVersion')) : current;
}

function snapshotFor(query: URLSearchParams, storage: Storage, collection: Collection): readonly Stored[] | undefined {
  const version = exactVersion(query, storage.version());
  return version === storage.version() ? collection.snapshot(version) : collection.snapshotAt(version);
}

function cut(
  request: ResourceRequest,
  query: URLSearchParams,
  all: readonly Stored[],
  version: number,
  start: string,
  limit: number,
): Page {
  const filter = filterOf(request, query);
  const { first, last } = namespaceRange(all, request.namespace);
  const begin = start ? Math.max(first, firstFrom(all, start)) : first;
  if (!filter && (!limit || last - begin <= limit)) return { version, items: all.slice(begin, last) };
  return collect(all, begin, last, filter, limit, version);
}

function collect(
  all: readonly Stored[],
  begin: number,
  last: number,
  filter: Filter | undefined,
  limit: number,
  version: number,
): Page {
  const items: Stored[] = [];
  let at = begin;
  for (; at < last && (!limit || items.length < limit); at++) {
    const stored = all[at];
    if (stored && (!filter || filter(stored))) items.push(stored);
  }
  const final = all[at - 1];
  if (at >= last || !final) return { version, items };
  const next = encodeToken(version, `${final.key}\0`);
  // With a selector the remaining number is unknown.
  return filter ? { version, items, next } : { version, items, next, remaining: last - at };
}

function namespaceRange(all: readonly Stored[], namespace: string | undefined): { first: number; last: number } {
  if (namespace === undefined) return { first: 0, last: all.length };
  return { first: firstFrom(all, `${namespace}/`), last: firstFrom(all, `${namespace}0`) };
}

/** Index of the first object whose key is not below `key`. (`0` follows `/`.) */
function firstFrom(all: readonly Stored[], key: string): number {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle]?.key ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function encodeToken(version: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start: `/${start}` })).toString('base64url');
}

function decodeToken(token: string): { version: number; start: string } {
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as {
      v: string;
      rv: number;
      start: string;
    };
    if (v === 'meta.k8s.io/v1' && Number.isInteger(rv) && start.startsWith('/'))
      return { version: rv, start: start.slice(1) };
  } catch {
    // The one answer to invalid tokens.
  }
  throw badRequest('continue key is not valid: encoded continue token has an unexpected format');
}

/** One object by name. */
export function get(request: ResourceRequest, collection: Collection, form: Representation): Buffer {
  const stored = collection.get(keyOf(request.namespace, request.name ?? ''));
  if (!stored) throw notFound({ group: request.kind.group, plural: request.kind.plural, name: request.name ?? '' });
  return whole(form, stored);
}

const comma = Buffer.from(',');
/** Size of the joined parts of a list. */
const chunkSize = 1 << 20;

/** The bytes of a list in chunks. */
export function* listBytes(page: Page, form: Representation, custom: boolean): Generator<Buffer> {
  const [head, tail] = wrapping(page, form, custom);
  let pieces: Buffer[] = [head];
  let size = 0;
  let first = true;
  for (const stored of page.items) {
    if (!first) pieces.push(comma);
    first = false;
    for (const slice of item(form, stored)) {
      pieces.push(slice);
      size += slice.length;
    }
    if (size < chunkSize) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    size = 0;
  }
  pieces.push(tail);
  yield Buffer.concat(pieces);
}

/** Lists of custom resources are unstructured: sorted keys, and always `continue`. */
function wrapping(page: Page, form: Representation, custom: boolean): [Buffer, Buffer] {
  const metadata = JSON.stringify(metadataOf(page, custom && !form.metadataOnly));
  const kind = `"kind":"${form.listKind}"`;
  const apiVersion = `"apiVersion":"${form.listApiVersion}"`;
  if (custom && !form.metadataOnly)
    return [Buffer.from(`{${apiVersion},"items":[`), Buffer.from(`],${kind},"metadata":${metadata}}`)];
  return [Buffer.from(`{${kind},${apiVersion},"metadata":${metadata},"items":[`), Buffer.from(']}')];
}

function metadataOf({ version, next, remaining }: Page, custom: boolean): object {
  if (custom)
    return {
      continue: next ?? '',
      ...(remaining !== undefined && { remainingItemCount: remaining }),
      resourceVersion: `${version}`,
    };
  const more = { ...(next && { continue: next }), ...(remaining !== undefined && { remainingItemCount: remaining }) };
  return { resourceVersion: `${version}`, ...more };
}

/** The API server compresses larger answers for clients that accept it. */
const compressFrom = 128 * 1024;

/** Sends chunks with back-pressure, compressed if worthwhile. */
export async function sendChunks(response: ServerResponse, chunks: Generator<Buffer>, gzip: boolean): Promise<void> {
  const first = chunks.next();
  const head = first.value as Buffer;
  const rest = chunks.next();
  if (rest.done && (!gzip || head.length < compressFrom)) {
    response.setHeader('content-length', head.length);
    response.end(head);
    return;
  }
  const all = Readable.from(chain(head, rest, chunks), { highWaterMark: 1 });
  if (!gzip) return pipeline(all, response);
  response.setHeader('content-encoding', 'gzip');
  return pipeline(all, createGzip({ level: 1 }), response);
}

function* chain(head: Buffer, second: IteratorResult<Buffer>, rest: Generator<Buffer>): Generator<Buffer> {
  yield head;
  if (second.done) return;
  yield second.value;
  yield* rest;
}
