// Deliberate faults: which requests they affect, how often, and what happens.
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** A fault of a whole answer. */
export type AnswerEffect =
  /** Answers with this status; 429 and 503 usually with `retryAfter` seconds. */
  | { readonly effect: 'status'; readonly code: number; readonly retryAfter?: number; readonly message?: string }
  /** 410: a version or continue token is too old. */
  | { readonly effect: 'expired' }
  /** Closes the connection without an answer. */
  | { readonly effect: 'drop' }
  /** Answers after this many milliseconds; undefined for never. */
  | { readonly effect: 'delay'; readonly ms?: number }
  /** 200 with these bytes. */
  | { readonly effect: 'body'; readonly body: string | Buffer }
  /** The correct answer, cut after this many bytes. */
  | { readonly effect: 'short'; readonly bytes: number };

/** A fault in a running watch, after this many events. */
export interface StreamFault {
  /**
   * `cut` closes the connection, `end` the stream; `expire` sends 410, `error` another code; the rest send half a line,
   * garbage, or nothing more.
   */
  readonly effect: 'cut' | 'end' | 'expire' | 'error' | 'truncate' | 'garbage' | 'stall';
  readonly after: number;
  /** For `error`: content of its Status; default 500 and `InternalError`. */
  readonly code?: number;
  readonly reason?: string;
  /** Duration of a stall; undefined for ever. */
  readonly ms?: number;
}

export interface FaultMatch {
  /** A part of the path, or a pattern for path and query. Default: every request. */
  readonly path?: string | RegExp;
  readonly method?: string;
  /** Only watches, or only other requests. Default: both. */
  readonly watch?: boolean;
  /** Only lists with a continue token, or only first pages. */
  readonly continued?: boolean;
  /** Number of matching requests that pass first: 2 affects the third page. */
  readonly skip?: number;
  /** Number of affected requests; default one. */
  readonly times?: number;
}

export type Fault = FaultMatch & (AnswerEffect | StreamFault);

export interface Faults {
  /** Arms a fault; returns a function that disarms it. */
  add(fault: Fault): () => void;
  clear(): void;
  /** The faults for this request; counts them. */
  meet(method: string, url: URL): readonly (AnswerEffect | StreamFault)[];
}

export function isStreamFault(fault: AnswerEffect | StreamFault): fault is StreamFault {
  return 'after' in fault;
}

export function createFaults(): Faults {
  const armed = new Map<Fault, { seen: number }>();
  return {
    add(fault) {
      armed.set(fault, { seen: 0 });
      return () => void armed.delete(fault);
    },
    clear: () => armed.clear(),
    meet(method, url) {
      return [...armed]
        .filter(([fault, count]) => matches(fault, method, url) && strikes(fault, count))
        .map(([fault]) => fault);
    },
  };
}

function matches(fault: Fault, method: string, url: URL): boolean {
  if (fault.method !== undefined && fault.method !== method) return false;
  const watch = /^(1|true)$/.test(url.searchParams.get('watch') ?? '');
  if ((fault.watch ?? ('after' in fault || watch)) !== watch) return false;
  if (fault.continued !== undefined && fault.continued !== url.searchParams.has('continue')) return false;
  if (fault.path === undefined) return true;
  return typeof fault.path === 'string'
    ? url.pathname.includes(fault.path)
    : fault.path.test(url.pathname + url.search);
}

/** Counts the request; whether it is affected. */
function strikes(fault: Fault, count: { seen: number }): boolean {
  const index = count.seen++ - (fault.skip ?? 0);
  return index >= 0 && index < (fault.times ?? 1);
}

/** Performs an effect that works on any server. True if the request is answered or never will be. */
export async function misbehave(fault: AnswerEffect, response: ServerResponse): Promise<boolean> {
  switch (fault.effect) {
    case 'drop':
      response.destroy();
      return true;
    case 'delay':
      if (fault.ms === undefined) return true;
      await delay(fault.ms, undefined, { ref: false });
      return response.destroyed;
    case 'body':
      response.setHeader('content-type', 'application/json').end(fault.body);
      return true;
    case 'short':
      cutAfter(response, fault.bytes);
      return false;
    default:
      return false;
  }
}

/** Sends this many bytes of the answer, in one or many writes, then closes the connection; at the latest at its end. */
function cutAfter(response: ServerResponse, bytes: number): void {
  const write = response.write.bind(response);
  let left = bytes;
  let isCut = false;
  const pass = (chunk: unknown, isLast: boolean): boolean => {
    // Until closed, the response looks open: later data would follow a gap.
    if (isCut) return false;
    const part = (Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk ?? ''))).subarray(0, left);
    left -= part.length;
    isCut = isLast || left === 0;
    const goesOn = write(part);
    // Written data is sent in this turn.
    if (isCut) setImmediate(() => response.socket?.destroySoon());
    return goesOn;
  };
  response.write = (chunk: unknown) => pass(chunk, false);
  response.end = (chunk?: unknown) => {
    pass(chunk, true);
    return response;
  };
}
