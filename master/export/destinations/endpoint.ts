// Sends to an HTTP endpoint: only 204 means success. Temporary failures are retried, so requests must be idempotent; an
// expired token is renewed once per request; a rejected compression is abandoned for good.
import { createBackoff, sleep } from '../../../src/backoff.ts';
import type { Answered, Requests } from '../../../src/http/client.ts';
import { redactText } from '../../../src/redact.ts';
import { SendFailure } from '../failure.ts';
import { type Compression, compressed } from './compress.ts';
import type { ReadKeys } from './keys.ts';

export interface EndpointOptions {
  readonly requests: Requests;
  /** Without a trailing slash. */
  readonly base: string;
  readonly login: string;
  readonly keys: ReadKeys | undefined;
  /** The bearer token, without a key pair. */
  readonly token: (() => Promise<string>) | undefined;
  readonly compression: Compression;
  readonly signal: AbortSignal;
  readonly delay?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
}

export interface Sent {
  readonly method: 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash. */
  readonly path: string;
  readonly body?: Buffer;
  readonly type?: string;
  /** Sent uncompressed, for a login. */
  readonly plain?: boolean;
  readonly headers?: { readonly [name: string]: string };
  /** Special meanings of a status other than refusal. */
  readonly means?: { readonly [status: number]: 'busy' | 'identity' | 'unknown_run' };
  /** 1: no retry. */
  readonly tries?: number;
}

const mostTries = 6;
const longestWait = 60_000;
const words: { readonly [code in 'busy' | 'identity' | 'unknown_run']: string } = {
  busy: 'another run sends there already',
  identity: 'another cluster was sent under this name: choose another exportClusterId, or say exportOverrideIdentity',
  unknown_run: 'it knows nothing of this run any more',
};

export class Endpoint {
  readonly #options: EndpointOptions;
  #compression: Compression;
  /** One login for all waiting pages. */
  #bearer: Promise<string> | undefined;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#compression = options.compression;
  }

  /** @throws SendFailure */
  async send(sent: Sent): Promise<void> {
    const { signal, delay = sleep, random = Math.random } = this.#options;
    const backoff = createBackoff({ base: 500, cap: 15_000, random });
    let renewed = false;
    for (let tries = 1; ; tries++) {
      const tried = await this.#try(sent);
      if (!('failure' in tried)) return;
      signal.throwIfAborted();
      if (tried.next === 'login' && !renewed) {
        renewed = true;
        // Another request may have renewed it meanwhile.
        if (this.#bearer === tried.bearer) this.#bearer = undefined;
        continue;
      }
      if (tried.next === 'plain') continue;
      if (tried.next !== 'wait' || tries >= (sent.tries ?? mostTries)) throw tried.failure;
      await delay(Math.min(tried.after ?? backoff.next(), longestWait), signal);
      signal.throwIfAborted();
    }
  }

  async #try(sent: Sent): Promise<Tried> {
    const bearer = this.#token();
    const compression = sent.body === undefined || sent.plain ? 'none' : this.#compression;
    try {
      const headers = await this.#headers(sent, bearer, compression);
      const body = sent.body === undefined ? undefined : await compressed(sent.body, compression);
      const url = new URL(this.#options.base + sent.path);
      const answer = await this.#options.requests.send({ method: sent.method, url, headers, body });
      if (answer.status === 204) return {};
      return this.#judge(answer, sent, compression, bearer);
    } catch (error) {
      if (error instanceof SendFailure && error.code !== 'unreachable')
        return { failure: error, next: 'give up', bearer };
      if ((error as { code?: unknown }).code === 'bad_setting') throw error;
      return { failure: unreachable(error), next: isPermanent(error) ? 'give up' : 'wait', bearer };
    }
  }

  #judge(answer: Answered, sent: Sent, compression: Compression, bearer: Promise<string> | undefined): Tried {
    const { status } = answer;
    const meaning = sent.means?.[status];
    if (meaning !== undefined) return { failure: new SendFailure(meaning, words[meaning]), next: 'give up', bearer };
    const failure = new SendFailure(status === 401 ? 'unauthorized' : 'refused', saidBy(answer, sent));
    if (status === 401 && bearer !== undefined) return { failure, next: 'login', bearer };
    if (status === 415 && compression !== 'none') {
      this.#compression = 'none';
      return { failure, next: 'plain', bearer };
    }
    const passes = status === 408 || status === 429 || status >= 500;
    return { failure, next: passes ? 'wait' : 'give up', after: retryAfter(answer), bearer };
  }

  #token(): Promise<string> | undefined {
    const { keys, token } = this.#options;
    if (this.#bearer !== undefined) return this.#bearer;
    const made = keys ? this.#logIn(keys) : token?.();
    this.#bearer = made;
    made?.catch(() => {
      if (this.#bearer === made) this.#bearer = undefined;
    });
    return made;
  }

  async #logIn(keys: ReadKeys): Promise<string> {
    const { requests, login } = this.#options;
    const body = Buffer.from(JSON.stringify(await keys()));
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const url = new URL(`${login}/account/access_keys/login`);
    const answer = await requests.send({ method: 'POST', url, headers, body });
    if (answer.status >= 500 || answer.status === 429)
      throw new SendFailure('unreachable', `the login answered with status ${answer.status}`);
    const token = answer.status >= 200 && answer.status < 300 ? tokenIn(answer.text) : undefined;
    if (token !== undefined) return token;
    throw new SendFailure('unauthorized', `the login answered with status ${answer.status} and no token`);
  }

  async #headers(sent: Sent, bearer: Promise<string> | undefined, compression: Compression) {
    const token = await bearer;
    return {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(sent.body === undefined ? {} : { 'content-type': sent.type ?? 'application/json; charset=UTF-8' }),
      ...(compression === 'none' ? {} : { 'content-encoding': compression }),
      ...sent.headers,
    };
  }
}

/** Without a failure it was sent. */
type Tried =
  | { readonly [none in never]: never }
  | {
      readonly failure: SendFailure;
      readonly next: 'wait' | 'login' | 'plain' | 'give up';
      /** Milliseconds requested by the endpoint. */
      readonly after?: number | undefined;
      readonly bearer: Promise<string> | undefined;
    };

function tokenIn(text: string): string | undefined {
  try {
    const { access_token: token } = JSON.parse(text) as { readonly access_token?: unknown };
    return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}

/** Its message may contain anything, including what we sent. */
function saidBy({ status, text }: Answered, { method, path }: Sent): string {
  const said = redactText((text.split('\n')[0] ?? '').slice(0, 200)).trim();
  return `it answered ${method} ${path.split('?')[0]} with status ${status}${said === '' ? '' : `: ${said}`}`;
}

function unreachable(error: unknown): SendFailure {
  if (error instanceof SendFailure) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new SendFailure('unreachable', `it cannot be reached: ${code ?? message}`, error);
}

/** Waiting does not fix a certificate. */
function isPermanent(error: unknown): boolean {
  return /CERT|SELF_SIGNED|ISSUER|LEAF_SIGNATURE|ALTNAME|ERR_SSL|EPROTO/.test(
    String((error as NodeJS.ErrnoException).code ?? ''),
  );
}

/** Milliseconds; from seconds or a date. */
function retryAfter({ headers }: Answered): number | undefined {
  const header = headers['retry-after'];
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
