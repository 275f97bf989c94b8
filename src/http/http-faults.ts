// Converts the framework's own rejections into our faults.
import type { FastifyRequest } from 'fastify';
import { type ErrorCode, errors, Fault, fault } from '../errors.ts';
import { nearest, notOneOf } from '../nearest.ts';

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
  if (validation !== undefined) return badParameter(validation, request);
  if (code === 'FST_ERR_BAD_URL') return fault('bad_request', { reason: 'the path is not well-formed' }, error);
  if (statusCode === undefined || statusCode < 400) return fault('internal', {}, error);
  if (statusCode === 404) return fault('not_found', { path: request.url.split('?', 1)[0] ?? '' }, error);
  if (statusCode === 503) return fault('unavailable', { reason: message ?? 'busy' }, error);
  if (statusCode >= 500) return fault('internal', {}, error);
  return fault(byStatus.get(statusCode) ?? 'bad_request', { reason: message ?? 'refused' }, error);
}

type Asked = Partial<Pick<FastifyRequest, 'routeOptions' | 'query'>>;

interface ParameterSchema {
  readonly type?: string;
  readonly examples?: readonly unknown[];
}

interface Parameters {
  readonly [name: string]: ParameterSchema;
}

/** Names of the parameters that the route accepts. */
function parametersOf({ routeOptions }: Asked): Parameters {
  const { properties } = (routeOptions?.schema?.querystring ?? {}) as { readonly properties?: object };
  return (properties ?? {}) as Parameters;
}

function badParameter([first = {}, ...more]: readonly Complaint[], request: Asked): Fault {
  const known = parametersOf(request);
  const { additionalProperty, missingProperty } = first.params ?? {};
  if (additionalProperty !== undefined) {
    const parameter = String(additionalProperty) || '""';
    return wrong(parameter, `is unknown${meantBy(parameter, Object.keys(known))}`);
  }
  if (missingProperty !== undefined) return missing(String(missingProperty), known);
  const parameter = first.instancePath?.split('/')[1] || 'body';
  const words = allowedWords([first, ...more]).map(String);
  const given = valueOf(parameter, request);
  if (Array.isArray(given) && known[parameter]?.type !== 'array')
    return fault('bad_parameter', { parameter, reason: 'it is given more than once' });
  if (words.length === 0) return fault('bad_parameter', { parameter, reason: said(first, parameter, known) });
  const reason = typeof given === 'string' ? notOneOf(given, words) : `it must be one of ${words.join(', ')}`;
  return fault('bad_parameter', { parameter, reason });
}

function valueOf(parameter: string, { query }: Asked): unknown {
  return (query as { readonly [name: string]: unknown } | undefined)?.[parameter];
}

/** The validator's complaint in the user's words: without its operators and regular expressions. */
function said({ keyword, message, params }: Complaint, parameter: string, known: Parameters): string {
  const limit = String(params?.['limit']);
  if (keyword === 'minimum') return `it must be at least ${limit}`;
  if (keyword === 'maximum') return `it must be at most ${limit}`;
  if (keyword === 'minLength') return limit === '1' ? 'it is empty' : `it must have at least ${limit} characters`;
  if (keyword === 'maxLength') return `it must have at most ${limit} characters`;
  if (keyword === 'maxItems') return `it must have at most ${limit} values`;
  if (keyword === 'type' && params?.['type'] === 'integer') return 'it must be a whole number';
  if (keyword !== 'pattern') return `it ${message ?? 'is refused'}`;
  if (parameter === 'cursor') return 'it is not the cursor of an answer; begin again without it';
  const example = exampleOf(parameter, known);
  return example === undefined ? 'it has the wrong form' : `it has the wrong form; for example ${example}`;
}

function exampleOf(parameter: string, known: Parameters): string | undefined {
  const [example] = [known[parameter]?.examples?.[0]].flat();
  return example === undefined ? undefined : `${parameter}=${String(example)}`;
}

function missing(parameter: string, known: Parameters): Fault {
  const example = exampleOf(parameter, known);
  return wrong(parameter, `is missing${example === undefined ? '' : `, for example ${example}`}`);
}

/** With a sentence that says plainly what else than a bad value it is. */
function wrong(parameter: string, words: string): Fault {
  return Object.assign(fault('bad_parameter', { parameter, reason: words }), {
    message: `Parameter ${parameter} ${words}`,
  });
}

/** Also matches longer names with the same beginning: `ns` is no parameter, `name` is. */
function meantBy(name: string, known: readonly string[]): string {
  const meant =
    nearest(name, known) ??
    known.find((each) => name.length > 2 && each.toLowerCase().startsWith(name.toLowerCase())) ??
    others[name];
  if (meant !== undefined && known.includes(meant)) return `; did you mean ${meant}?`;
  return known.length > 0 ? `; this path takes ${known.toSorted().join(', ')}` : '; this path takes none';
}

/** Names in other interfaces. */
const others: { readonly [name: string]: string } = {
  ns: 'namespace',
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
