// All failures of the fake API server as `Status`, with the wording of the real one.

export interface StatusBody {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: object;
  readonly status: 'Failure' | 'Success';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: object;
  readonly code?: number;
}

/** Thrown by any failing request; its body is the answer. */
export class StatusError extends Error {
  readonly code: number;
  readonly body: StatusBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: number, reason: string, message: string, details?: object, headers: Record<string, string> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
    const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const;
    this.body = { ...head, message, reason, ...(details && { details }), code };
  }
}

export const badRequest = (message: string) => new StatusError(400, 'BadRequest', message);
export const unauthorized = () => new StatusError(401, 'Unauthorized', 'Unauthorized');
export const methodNotAllowed = () =>
  new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
export const notAcceptable = (accepted: string) =>
  new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted}`);
export const unsupportedMedia = (accepted: string) =>
  new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
export const internal = (message: string) =>
  new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });

const expiredContinue =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the ' +
  'continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing ' +
  'with the provided token results in an inconsistent list - objects that were created, modified, or deleted between ' +
  'the time the first chunk was returned and now may show up in the list.';

export const expired = (message = expiredContinue) => new StatusError(410, 'Expired', message);

export const tooOld = (version: number, floor: number) => expired(`too old resource version: ${version} (${floor})`);

export function tooLarge(version: number, current: number): StatusError {
  const message = `Too large resource version: ${version}, current: ${current}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return new StatusError(
    504,
    'Timeout',
    `Timeout: ${message}`,
    { causes, retryAfterSeconds: 1 },
    { 'retry-after': '1' },
  );
}

interface Named {
  readonly group: string;
  readonly plural: string;
  readonly name?: string;
  readonly uid?: string;
}

function detailsOf({ group, plural, name, uid }: Named): object {
  return { ...(name && { name }), ...(group && { group }), kind: plural, ...(uid && { uid }) };
}

function qualified({ group, plural }: Named): string {
  return group ? `${plural}.${group}` : plural;
}

export function notFound(what: Named): StatusError {
  return new StatusError(404, 'NotFound', `${qualified(what)} "${what.name}" not found`, detailsOf(what));
}

/** The resource in the URL is not served. */
export function notServed(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(what: Named): StatusError {
  return new StatusError(409, 'AlreadyExists', `${qualified(what)} "${what.name}" already exists`, detailsOf(what));
}

const modified = 'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(what: Named, reason = modified): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(what)} "${what.name}": ${reason}`;
  return new StatusError(409, 'Conflict', message, detailsOf(what));
}

export function invalid(what: Named & { readonly kind: string }, field: string, problem: string): StatusError {
  const kind = what.group ? `${what.kind}.${what.group}` : what.kind;
  const causes = [{ reason: 'FieldValueInvalid', message: problem, field }];
  const details = { ...detailsOf(what), kind: what.kind, causes };
  return new StatusError(422, 'Invalid', `${kind} "${what.name ?? ''}" is invalid: ${field}: ${problem}`, details);
}

/** For a server-side apply without a field manager. */
export function managerRequired(): StatusError {
  const problem = 'Required value: is required for apply patch';
  return invalid({ group: 'meta.k8s.io', plural: '', kind: 'PatchOptions', name: '' }, 'fieldManager', problem);
}

export function forbidden(what: Named, message: string): StatusError {
  const start = what.name ? `${qualified(what)} "${what.name}" is forbidden` : `${qualified(what)} is forbidden`;
  return new StatusError(403, 'Forbidden', `${start}: ${message}`, detailsOf(what));
}

export function forbiddenPath(user: string, verb: string, path: string): StatusError {
  return new StatusError(403, 'Forbidden', `forbidden: User "${user}" cannot ${verb} path "${path}"`, {});
}

/** The answer to a delete. */
export function deleted(what: Named): StatusBody {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: detailsOf(what) };
}
