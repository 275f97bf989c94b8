// All failures of the service: a code for programs, a status for HTTP, a sentence for people. Compare codes, never
// messages.
import type { Timestamp } from './model.ts';

interface ErrorEntry {
  /** HTTP status of the answer. */
  readonly status: number;
  /** One sentence; `{name}` is replaced by the fact of that name. */
  readonly template: string;
  /** In seconds, for temporary failures. */
  readonly retryAfter?: number;
}

export const errors = {
  bad_request: { status: 400, template: 'Invalid request: {reason}' },
  bad_parameter: { status: 400, template: 'Parameter {parameter} is not valid: {reason}' },
  bad_setting: { status: 500, template: '{setting} {reason}' },
  unauthorized: { status: 401, template: 'A valid bearer token is required' },
  forbidden: { status: 403, template: 'Not allowed: {reason}' },
  not_found: { status: 404, template: 'There is nothing at {path}{hint}' },
  unknown_type: { status: 404, template: 'Unknown type "{type}"' },
  ambiguous_type: { status: 400, template: '"{type}" means {types}: say which{there}' },
  unknown_cluster: {
    status: 404,
    template: 'No cluster called {cluster} is served here; /clusters lists those that are',
  },
  unknown_id: { status: 404, template: 'There is no {type} {id}' },
  method_not_allowed: { status: 405, template: 'Method {method} is not allowed here; allowed: {allow}' },
  not_acceptable: { status: 406, template: 'None of the media types in Accept is available; available are {forms}' },
  request_timeout: { status: 408, template: 'The request did not arrive in time' },
  cursor_gone: {
    status: 410,
    template: 'The revision of this cursor has expired; begin again at {start}',
  },
  history_expired: {
    status: 410,
    template: 'The history of {asked} has expired; the oldest moment that is kept is {oldestAvailable}',
  },
  history_damaged: { status: 410, template: 'The history of that time is damaged: {reason}' },
  history_off: { status: 404, template: 'No history is kept: {reason}' },
  history_foreign: { status: 500, template: 'The history in {folder} is of another cluster' },
  request_too_large: { status: 413, template: 'The request is too large' },
  form_too_large: { status: 413, template: 'The graph is too large for {form}: {reason}; {hint}' },
  query_too_large: { status: 413, template: 'The question is too expensive: {reason}; {hint}' },
  client_gone: { status: 499, template: 'The client closed the connection before it was answered' },
  uri_too_long: { status: 414, template: 'The URL is longer than {limit} characters' },
  misdirected: {
    status: 421,
    template:
      'This service is not asked for as {host}: use localhost or its address, or name the host in CLUSTER_INSIGHT_ALLOWED_HOSTS',
  },
  unsupported_media_type: { status: 415, template: 'The body of the request must have Content-Type: application/json' },
  too_many_requests: { status: 429, template: 'Too many requests; try again later' },
  headers_too_large: { status: 431, template: 'The request line and headers together are too large' },
  container_not_found: { status: 404, template: 'The container runtime has no container {id}' },
  image_not_found: { status: 404, template: 'The container runtime has no image {id}' },
  container_not_running: { status: 409, template: 'Container {id} is not running' },
  engine_busy: { status: 503, template: 'Too many calls wait for the container runtime' },
  engine_down: { status: 502, template: 'The container runtime does not answer: {reason}' },
  engine_error: { status: 502, template: 'The container runtime failed: {reason}' },
  engine_nonsense: { status: 502, template: 'The container runtime sent an invalid answer: {reason}' },
  engine_too_large: { status: 502, template: 'The answer is larger than {limit} bytes' },
  engine_unserved: { status: 502, template: 'The container runtime does not serve this call' },
  engine_slow: { status: 504, template: 'The container runtime did not answer within {seconds} seconds' },
  processes_unseen: {
    status: 502,
    template: "No processes of container {id} are seen: this minion does not share the node's process ids",
  },
  minion_gone: { status: 503, template: 'The node has no minion any more' },
  minion_unreachable: { status: 502, template: 'The minion cannot be reached: {reason}' },
  minion_refused: { status: 502, template: 'The minion answered with status {status}{said}' },
  minion_nonsense: { status: 502, template: 'The minion sent an invalid answer: {reason}' },
  minion_too_large: { status: 502, template: "The minion's answer is larger than {limit} bytes" },
  minion_slow: { status: 504, template: 'The minion did not answer within {limit} ms' },
  prometheus_failed: { status: 502, template: 'The Prometheus cannot be asked: {reason}' },
  prometheus_too_much: { status: 502, template: 'The Prometheus cannot answer a question of this size: {reason}' },
  credentials_unreadable: { status: 500, template: 'The file {file} cannot be read: {reason}' },
  action_unknown: { status: 404, template: 'There is no action {id}' },
  action_conflict: { status: 409, template: 'The action {id} cannot continue now: {reason}' },
  action_not_now: { status: 409, template: 'Not now: {reason}' },
  policy_unreadable: { status: 503, template: 'The policy {file} cannot be read: {reason}' },
  internal: { status: 500, template: 'Internal error; see the log of the service' },
  overloaded: { status: 503, template: 'The service is overloaded: {reason}; try again later', retryAfter: 5 },
  past_held: {
    status: 503,
    template:
      'Slow readers hold more than {most} MiB of past revisions in memory; try again in 10 s, or narrow the question to at most {size} resources, with namespace= for example',
    retryAfter: 10,
  },
  not_ready: { status: 503, template: 'The cluster is not read yet: {reason}', retryAfter: 2 },
  no_room: { status: 503, template: 'No more of this cluster is read: {reason}' },
  bad_log: { status: 500, template: 'The input log of a master cannot be read: {reason}' },
  unavailable: { status: 503, template: 'The service cannot answer now: {reason}' },
} as const satisfies { readonly [code: string]: ErrorEntry };

export type ErrorCode = keyof typeof errors;

export interface Facts {
  readonly [name: string]: string | number | boolean;
}

/** A failure with a code, facts and an optional cause. */
export class Fault extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  readonly facts: Facts;

  constructor(code: ErrorCode, facts: Facts = {}, cause?: unknown) {
    const { status, template, retryAfter }: ErrorEntry = errors[code];
    super(sentence(template, facts), cause === undefined ? undefined : { cause });
    this.name = 'Fault';
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
    this.facts = facts;
  }
}

export function fault(code: ErrorCode, facts: Facts = {}, cause?: unknown): Fault {
  return new Fault(code, facts, cause);
}

/** A setting with which the program cannot start. */
export function badSetting(setting: string, reason: string): Fault {
  return fault('bad_setting', { setting, reason });
}

export interface FailureBody {
  readonly success: false;
  readonly timestamp: Timestamp;
  readonly error_message: string;
  readonly code: ErrorCode;
}

/** The answer to `error`. Anything but a Fault is `internal`, because its message may be confidential. */
export function failureBody(error: unknown, timestamp: Timestamp): FailureBody {
  const { message, code } = error instanceof Fault ? error : fault('internal');
  return { success: false, timestamp, error_message: message, code };
}

/** Ends of a sentence that not every failure has. */
const optional: ReadonlySet<string> = new Set(['hint', 'there']);

function sentence(template: string, facts: Facts): string {
  return template.replace(/\{(\w+)\}/g, (hole, name: string) =>
    String(facts[name] ?? (optional.has(name) ? '' : hole)),
  );
}
