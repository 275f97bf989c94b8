// Verb and object of a request to an API server from its method and path, in the words of the server's own audit.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb

/** Parts that the path lacks are undefined: a list has no name, a cluster-scoped object no namespace. */
export interface ApiObject {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** The plural, such as `deployments`. */
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

export interface ApiRequest {
  /**
   * `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or `deletecollection`; without an object the method in
   * lower case.
   */
  readonly verb: string;
  /** Undefined for requests without an object: versions, discovery, health. */
  readonly object?: ApiObject;
  readonly dryRun: boolean;
}

/** `path` begins with a slash and includes the query. */
export function apiRequestOf(method: string, path: string): ApiRequest {
  const [pathname, query] = split(path);
  const parameters = new URLSearchParams(query);
  const object = objectOf(pathname);
  const dryRun = parameters.getAll('dryRun').includes('All');
  if (object === undefined) return { verb: method.toLowerCase(), dryRun };
  return { verb: verbOf(method, object, parameters), object, dryRun };
}

function split(path: string): [string, string] {
  const at = path.indexOf('?');
  return at < 0 ? [path, ''] : [path.slice(0, at), path.slice(at + 1)];
}

function objectOf(pathname: string): ApiObject | undefined {
  const [root, ...steps] = pathname.split('/').slice(1).map(decoded);
  if (root === 'api') return resourceIn('', steps[0] ?? '', steps.slice(1));
  if (root === 'apis') return resourceIn(steps[0] ?? '', steps[1] ?? '', steps.slice(2));
  return undefined;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

/** `/namespaces/a/status` is about the namespace itself, `/namespaces/a/pods` about its content. */
function resourceIn(group: string, version: string, steps: readonly string[]): ApiObject | undefined {
  const [first = '', namespace = '', inside = ''] = steps;
  if (first === '') return undefined;
  const isWithin = first === 'namespaces' && inside !== '' && inside !== 'status' && inside !== 'finalize';
  if (!isWithin) return { group, version, ...named(steps) };
  return { group, version, namespace, ...named(steps.slice(2)) };
}

function named([resource = '', name = '', subresource = '']: readonly string[]) {
  return { resource, ...(name && { name }), ...(subresource && { subresource }) };
}

const verbs: { readonly [method: string]: readonly [ofOne: string, ofAll: string] } = {
  GET: ['get', 'list'],
  HEAD: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
};

function verbOf(method: string, { name }: ApiObject, parameters: URLSearchParams): string {
  const verb = verbs[method]?.[name === undefined ? 1 : 0] ?? method.toLowerCase();
  return verb === 'list' && isTrue(parameters.get('watch')) ? 'watch' : verb;
}

function isTrue(value: string | null): boolean {
  return value !== null && value !== '' && value !== '0' && value !== 'false';
}
