// Converts the framework's own rejections into our faults.
import type { FastifyRequest } from 'fastify';
import { type ErrorCode, errors, Fault, fault } from '../errors.ts';
import { nearest } from '../nearest.ts';

interface FrameworkError {
  readonly code?: string;
  readonly message?: string;
  readonly statusCode?: number;
  readonly validation?: readonly Complaint[];
}

/** One finding of the schema validator. */
interface Complaint {
  readonly keyword?: string;
  readonly instancePath?: string;
  readonly message?: string;
  readonly params?: { readonly [name: string]: unknown };
}

const byStatus = new Map<number, ErrorCode>(
  (
    ['unauthorized', 'request_timeout', 'request_too_large', 'unsupported_media_type', 'too_many_requests'] as const
  ).map((code) => [errors[code].status, code]),
);

/** Keeps Faults; errors of the request get their code; everything else is `internal`. */
export function faultOf(error: unknown, request: Pick<FastifyRequest, 'url'> & Partial<FastifyRequest>): Fault {
  if (error instanceof Fault) return error;
  const { code, message, statusCode, validation } = (error ?? {}) as FrameworkError;
  if (validation !== undefined) return badParameter(validation, parametersOf(request));
  if (code === 'FST_ERR_BAD_URL') return fault('bad_request', { reason: 'the path is not well-formed' }, error);
  if (statusCode === undefined || statusCode < 400) return fault('internal', {}, error);
  if (statusCode === 404) return fault('not_found', { path: request.url.split('?', 1)[0] ?? '' }, error);
  if (statusCode === 503) return fault('unavailable', { reason: message ?? 'busy' }, error);
  if (statusCode >= 500) return fault('internal', {}, error);
  return fault(byStatus.get(statusCode) ?? 'bad_request', { reason: message ?? 'refused' }, error);
}

/** Names of the route's parameters. */
function parametersOf({ routeOptions }: Partial<FastifyRequest>): readonly string[] {
  const { properties } = (routeOptions?.schema?.querystring ?? {}) as { readonly properties?: object };
  return Object.keys(properties ?? {});
}

function badParameter([first = {}, ...more]: readonly Complaint[], known: readonly string[]): Fault {
  const unknown = first.params?.['additionalProperty'];
  if (unknown !== undefined)
    return fault('bad_parameter', { parameter: String(unknown), reason: unknownHere(String(unknown), known) });
  const parameter = first.instancePath?.split('/')[1] || String(first.params?.['missingProperty'] ?? 'body');
  const words = allowedWords([first, ...more]);
  const reason = words.length > 0 ? `it must be one of ${words.join(', ')}` : `it ${first.message ?? 'is refused'}`;
  return fault('bad_parameter', { parameter, reason });
}

/** Only parameters that exist but not here: `ns` is none, `name` is one. */
function unknownHere(name: string, known: readonly string[]): string {
  const meant =
    nearest(name, known) ??
    known.find((each) => name.length > 2 && each.toLowerCase().startsWith(name.toLowerCase())) ??
    others[name];
  const isMeant = meant !== undefined && known.includes(meant);
  if (isMeant) return `there is none; did you mean ${meant}?`;
  return known.length > 0 ? `there is none; known here are ${known.toSorted().join(', ')}` : 'none are known here';
}

/** Names in other interfaces. */
const others: { readonly [name: string]: string } = {
  ns: 'namespace',
  neighbors: 'neighbours',
  label: 'labelSelector',
  labels: 'labelSelector',
};

/** The values of an `enum`, or of a union of literals in which every member fails. */
function allowedWords(complaints: readonly Complaint[]): unknown[] {
  return complaints.flatMap(({ keyword, params }) => {
    if (keyword === 'const') return [params?.['allowedValue']];
    return keyword === 'enum' ? [params?.['allowedValues']].flat() : [];
  });
}
