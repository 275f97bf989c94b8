// Requests to the master: with a token if there is one, and relative to the page, so that it works behind a prefix.

export interface ApiAnswer<T> {
  readonly body: T;
  readonly etag: string | undefined;
}

/** A failure reported by the master, or `offline` if it is unreachable. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  /** Seconds. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, message: string, retryAfter?: number, cause?: unknown) {
    super(message, { cause });
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export interface ApiOptions {
  readonly fetch: typeof fetch;
  /** URL from which the page was loaded. */
  readonly base: string;
  /** Which of several clusters is queried; undefined for no choice. */
  readonly cluster?: string | undefined;
  readonly token: () => string | undefined;
  /** Called when a request fails for lack of a token. */
  readonly onUnauthorized: () => void;
}

export class Api {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** Undefined if the answer still matches `etag`. @throws ApiError. */
  async ask<T>(path: string, { etag, signal }: { etag?: string | undefined; signal?: AbortSignal } = {}) {
    const response = await this.send(
      path,
      { accept: 'application/json', ...(etag ? { 'if-none-match': etag } : {}) },
      signal ? { signal } : {},
    );
    if (response.status === 304) return undefined;
    try {
      const body = (await response.json()) as T;
      return { body, etag: response.headers.get('etag') ?? undefined } satisfies ApiAnswer<T>;
    } catch (cause) {
      throw signal?.aborted ? cause : new ApiError(0, 'offline', 'The answer broke off', undefined, cause);
    }
  }

  /** @throws ApiError unless successful. */
  async send(path: string, headers: { [name: string]: string }, init: RequestInit = {}): Promise<Response> {
    const { base, cluster, token, onUnauthorized } = this.#options;
    const authorization = token();
    let response: Response;
    try {
      response = await this.#options.fetch(urlOf(path, base, cluster), {
        ...init,
        headers: { ...headers, ...(authorization ? { authorization: `Bearer ${authorization}` } : {}) },
        cache: 'no-store',
      });
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new ApiError(0, 'offline', 'The master cannot be reached', undefined, cause);
    }
    if (response.ok || response.status === 304) return response;
    if (response.status === 401) onUnauthorized();
    throw await errorOf(response);
  }
}

function urlOf(path: string, base: string, cluster: string | undefined): URL {
  const url = new URL(path, base);
  if (cluster !== undefined) url.search += `${url.search === '' ? '?' : '&'}cluster=${encodeURIComponent(cluster)}`;
  return url;
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  const wait = Number(response.headers.get('retry-after'));
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : undefined;
  try {
    const { error_message: message, code } = JSON.parse(text) as { error_message?: string; code?: string };
    if (message !== undefined) return new ApiError(response.status, code ?? '', message, retryAfter);
  } catch {
    // A proxy answers in its own form.
  }
  return new ApiError(response.status, '', `The server answered ${response.status} ${response.statusText}`, retryAfter);
}
