// Resolves method and URL to verb, resource and name like the API server.
import type { IncomingMessage } from 'node:http';
import { type KindRegistry, resourceName, type ServedKind } from './kinds.ts';
import { badRequest, methodNotAllowed, notServed } from './status.ts';

export interface ResourceRequest {
  readonly kind: ServedKind;
  readonly version: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** `get`, `list`, `watch`, `create`, … */
  readonly verb: string;
}

/** A parsed URL below `/api/VERSION` or `/apis/GROUP/VERSION`. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly namespace?: string;
  readonly plural: string;
  readonly name?: string;
  readonly subresource?: string;
}

export function parseUrl(request: IncomingMessage): URL {
  try {
    const url = new URL(`http://localhost${request.url}`);
    decodeURIComponent(url.pathname);
    return url;
  } catch {
    throw badRequest(`invalid URL: ${request.url}`);
  }
}

/** Undefined for URLs without a resource: discovery, health and unknown paths. */
export function resourcePath(pathname: string): ResourcePath | undefined {
  const [root, ...steps] = pathname.split('/').slice(1).map(decodeURIComponent);
  if (root === 'api') return withoutNamespace('', steps[0] ?? '', steps.slice(1));
  if (root === 'apis' && steps.length > 2) return withoutNamespace(steps[0] ?? '', steps[1] ?? '', steps.slice(2));
  return undefined;
}

/** Within a namespace only if a resource follows: `/namespaces/a/status` is about the namespace itself. */
function withoutNamespace(group: string, version: string, steps: string[]): ResourcePath | undefined {
  const [first, namespace, plural] = steps;
  if (!first) return undefined;
  const own = plural === 'status' || plural === 'finalize';
  if (first !== 'namespaces' || !plural || own) return { group, version, ...named(steps) };
  return { group, version, namespace: namespace ?? '', ...named(steps.slice(2)) };
}

function named([plural = '', name, ...subresource]: string[]): Pick<ResourcePath, 'plural' | 'name' | 'subresource'> {
  return { plural, ...(name && { name }), ...(subresource.length > 0 && { subresource: subresource.join('/') }) };
}

const isTrue = (value: string | null) => value !== null && value !== '' && value !== '0' && value !== 'false';

const verbs: { readonly [method: string]: readonly [named: string, all: string] } = {
  GET: ['get', 'list'],
  HEAD: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', ''],
  PATCH: ['patch', ''],
  DELETE: ['delete', 'deletecollection'],
};

function verbOf(method: string, path: ResourcePath, url: URL): string | undefined {
  const verb = verbs[method]?.[path.name ? 0 : 1];
  return verb === 'list' && isTrue(url.searchParams.get('watch')) ? 'watch' : verb;
}

/** `list pods`, `get deployments.apps/scale`, `get /version`: for the log. */
export function describeRequest(method: string, url: URL): string {
  const path = resourcePath(url.pathname);
  if (!path?.plural) return `${method.toLowerCase()} ${url.pathname}`;
  const resource = resourceName(path) + (path.subresource ? `/${path.subresource}` : '');
  return `${verbOf(method, path, url) || method.toLowerCase()} ${resource}`;
}

/** The resource of a path, if served. */
export function resolve(kinds: KindRegistry, path: ResourcePath, method: string, url: URL): ResourceRequest {
  const kind = kinds.find(path.group, path.plural);
  const served = kind?.versions.includes(path.version);
  if (!kind || !served || (!kind.namespaced && path.namespace !== undefined)) throw notServed();
  if (kind.namespaced && path.name && path.namespace === undefined && method !== 'POST') throw notServed();
  if (path.subresource && !isSubresource(kind, path.subresource)) throw notServed();
  const verb = verbOf(method, path, url);
  if (!verb) throw methodNotAllowed();
  const { group: _group, plural: _plural, ...rest } = path;
  return { kind, ...rest, verb };
}

function isSubresource(kind: ServedKind, subresource: string): boolean {
  return kind.subresources?.some((known) => known.subresource === subresource.split('/')[0]) ?? false;
}
