// A refusal by an API server or a failure of the network, as one error: status, message and requested delay.
import { isRecord } from '../../../src/fields.ts';
import { redactText } from '../../../src/redact.ts';

/** `status` is from HTTP, or the `code` of the Status object that ends a watch. */
export class ApiFailure extends Error {
  readonly status: number;
  /** Milliseconds until the next try, as the server asks. */
  readonly retryAfter: number | undefined;

  constructor(status: number, message: string, retryAfter?: number) {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: Buffer;
}

/** The failure in a response other than 200: a Status object, or plain text from a proxy. */
export function failureOf({ status, headers, body }: Answer): ApiFailure {
  return new ApiFailure(status, messageOf(body, status), retryAfterOf(headers['retry-after']));
}

/** The failure in the Status object of a watch's ERROR event. */
export function failureOfStatus(object: unknown): ApiFailure {
  const { code, reason, message, details } = isRecord(object) ? object : {};
  const gone = reason === 'Expired' || reason === 'Gone';
  const seconds = isRecord(details) ? Number(details.retryAfterSeconds) : Number.NaN;
  const status = gone ? 410 : Number(code) || 500;
  return new ApiFailure(
    status,
    redactText(String(message ?? reason ?? 'the watch ended with an error').slice(0, 4096)),
    seconds > 0 ? seconds * 1000 : undefined,
  );
}

function messageOf(body: Buffer, status: number): string {
  const text = body.toString('utf8', 0, 4096).trim();
  const said = statusMessage(text) ?? text.split('\n')[0]?.slice(0, 300);
  // A proxy or a webhook may repeat what was sent, or where it is.
  return said ? redactText(said) : `the API server answered ${status}`;
}

function statusMessage(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

/** In seconds, as API servers send it. A date from a proxy is ignored in favour of the backoff. */
function retryAfterOf(header: string | string[] | undefined): number | undefined {
  const seconds = Number(header);
  return header !== undefined && seconds >= 0 ? seconds * 1000 : undefined;
}

const sentences: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ENOTFOUND: 'its host name cannot be resolved',
  EAI_AGAIN: 'its host name cannot be resolved now',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'no route to host',
  ETIMEDOUT: 'timed out',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by an unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an unknown authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
};

/** Why a request failed, in words that are the same for the same cause (no ports, no counters). */
export function explain(error: unknown): string {
  const reason = unreachable(error);
  return reason === undefined ? unexplained(error) : `the API server: ${reason}`;
}

/** The same where it is said already who was asked. */
export function explainBare(error: unknown): string {
  return unreachable(error) ?? unexplained(error);
}

function unreachable(error: unknown): string | undefined {
  if (error instanceof ApiFailure) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? undefined : sentences[code];
}

function unexplained(error: unknown): string {
  if (error instanceof ApiFailure) return error.message;
  return String((error as Partial<Error>).message ?? error);
}
