// What goes wrong on purpose: which requests a fault meets, how often, and what then happens instead of or within the answer.
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** A fault of an answer as a whole. */
export type AnswerEffect =
  /** Answered with this status; 429 and 503 usually with `retryAfter` seconds. */
  | { readonly effect: 'status'; readonly code: number; readonly retryAfter?: number; readonly message?: string }
  /** 410: a version or a continue token is too old. */
  | { readonly effect: 'expired' }
  /** The connection is closed without an answer. */
  | { readonly effect: 'drop' }
  /** Answered after so many milliseconds; without, never. */
  | { readonly effect: 'delay'; readonly ms?: number }
  /** 200 with these bytes. */
  | { readonly effect: 'body'; readonly body: string | Buffer }
  /** The right answer, cut off after so many bytes. */
  | { readonly effect: 'short'; readonly bytes: number };

/** A fault in a watch that has begun, after so many events. */
export interface StreamFault {
  /** `cut` closes the connection, `end` the stream; `expire` says 410 in it, `error` another code; the rest write half a line, garbage, or nothing more. */
  readonly effect: 'cut' | 'end' | 'expire' | 'error' | 'truncate' | 'garbage' | 'stall';
  readonly after: number;
  /** Of an `error`: what its Status says; 500 and `InternalError` where it is left out. */
  readonly code?: number;
  readonly reason?: string;
  /** How long a stall lasts; without, for ever. */
  readonly ms?: number;
}

export interface FaultMatch {
  /** A part of the path, or a pattern for path and query. Left out: every request. */
  readonly path?: string | RegExp;
  readonly method?: string;
  /** Only watches, or only what is no watch. Left out: both. */
  readonly watch?: boolean;
  /** Only lists from a continue token on, or only first pages. */
  readonly continued?: boolean;
  /** So many matching requests pass unharmed first: 2 meets the third page. */
  readonly skip?: number;
  /** So many requests are met; left out: one. */
  readonly times?: number;
}

export type Fault = FaultMatch & (AnswerEffect | StreamFault);

export interface Faults {
  /** Arms a fault; returns how to disarm it. */
  add(fault: Fault): () => void;
  clear(): void;
  /** The faults that meet this request, counted as met. */
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

/** Counts the request; true when it is one of those to be met. */
function strikes(fault: Fault, count: { seen: number }): boolean {
  const index = count.seen++ - (fault.skip ?? 0);
  return index >= 0 && index < (fault.times ?? 1);
}

/** Does what an effect says that every server can do. True when the request is answered, or never will be. */
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

/** Lets so many bytes of the answer through, sent whole or bit by bit, then closes the connection; at its end at the latest. */
function cutAfter(response: ServerResponse, bytes: number): void {
  const write = response.write.bind(response);
  let left = bytes;
  let isCut = false;
  const pass = (chunk: unknown, isLast: boolean): boolean => {
    // Until it is closed the response looks open: what still came would come behind a gap.
    if (isCut) return false;
    const part = (Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk ?? ''))).subarray(0, left);
    left -= part.length;
    isCut = isLast || left === 0;
    const goesOn = write(part);
    // What was written goes out in this turn.
    if (isCut) setImmediate(() => response.socket?.destroySoon());
    return goesOn;
  };
  response.write = (chunk: unknown) => pass(chunk, false);
  response.end = (chunk?: unknown) => {
    pass(chunk, true);
    return response;
  };
}
