// The audit of what this process asks of an API server: one line for each request, written once its answer is over; two for a
// watch, when it opens and when it closes. Lines hold no header, no token and no body.
import { randomBytes } from 'node:crypto';
import { type Clock, type MonotonicClock, timestampOf } from '../clock.ts';
import type { Timestamp } from '../model.ts';
import { type ApiObject, apiRequestOf } from './api-path.ts';

export interface AuditLine {
  /** When it was asked; of a `close` when the watch closed. */
  readonly time: Timestamp;
  /** Of the request, for the life of all processes: a watch's two lines share it. */
  readonly id: string;
  readonly event: 'request' | 'open' | 'close';
  /** `master`, `export`, `actor`, `command`. */
  readonly mode: string;
  readonly verb: string;
  readonly method: string;
  /** With its query, as it was sent. */
  readonly path: string;
  readonly object?: ApiObject;
  /** 0 where no answer came. */
  readonly status: number;
  /** Milliseconds from the asking to the end of the answer; of an `open` to its headers. */
  readonly duration: number;
  /** Of the answer's body, as it came over the wire. */
  readonly bytes: number;
  readonly purpose: string;
  readonly dryRun: boolean;
  /** Why there is no whole answer: `ECONNRESET`, `aborted`. */
  readonly error?: string;
  /** Where no connection was made: the API server saw nothing of it. */
  readonly unsent?: true;
}

export interface AskedRequest {
  readonly method: string;
  readonly path: string;
  readonly purpose: string;
}

/** One request, from its asking to the end of its answer. Whatever is told after the end is not heard. */
export interface Exchange {
  /** There is a connection: from now on the API server may have seen it. */
  connected(): void;
  answered(status: number): void;
  /** So many bytes of the body came. */
  took(bytes: number): void;
  ended(error?: string): void;
}

export interface Audit {
  begin(request: AskedRequest): Exchange;
}

export interface AuditTrailOptions {
  readonly mode: string;
  readonly write: (line: AuditLine) => void;
  readonly clock: Clock;
  readonly monotonic: MonotonicClock;
}

export class AuditTrail implements Audit {
  readonly #options: AuditTrailOptions;
  readonly #process = randomBytes(6).toString('hex');
  #count = 0;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
  }

  begin(request: AskedRequest): Exchange {
    return new Audited(request, `${this.#process}-${++this.#count}`, this.#options);
  }
}

class Audited implements Exchange {
  readonly #options: AuditTrailOptions;
  readonly #constant: Pick<AuditLine, 'id' | 'mode' | 'verb' | 'method' | 'path' | 'object' | 'purpose' | 'dryRun'>;
  readonly #time: Timestamp;
  readonly #began: number;
  #status = 0;
  #bytes = 0;
  #isConnected = false;
  #isOver = false;

  constructor({ method, path, purpose }: AskedRequest, id: string, options: AuditTrailOptions) {
    this.#options = options;
    const { verb, object, dryRun } = apiRequestOf(method, path);
    this.#constant = { id, mode: options.mode, verb, method, path, ...(object && { object }), purpose, dryRun };
    this.#time = timestampOf(options.clock());
    this.#began = options.monotonic();
  }

  connected(): void {
    this.#isConnected = true;
  }

  answered(status: number): void {
    this.#isConnected = true;
    this.#status = status;
    if (this.#constant.verb === 'watch') this.#write('open', this.#time);
  }

  took(bytes: number): void {
    this.#bytes += bytes;
  }

  ended(error?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const wasOpened = this.#constant.verb === 'watch' && this.#status !== 0;
    if (wasOpened) this.#write('close', timestampOf(this.#options.clock()), error);
    else this.#write('request', this.#time, error);
  }

  #write(event: AuditLine['event'], time: Timestamp, error?: string): void {
    const duration = Math.round((this.#options.monotonic() - this.#began) * 10) / 10;
    this.#options.write({
      time,
      event,
      ...this.#constant,
      status: this.#status,
      duration,
      bytes: this.#bytes,
      ...(error === undefined ? {} : { error }),
      ...(this.#isConnected ? {} : { unsent: true }),
    });
  }
}

const silent: Exchange = { connected() {}, answered() {}, took() {}, ended() {} };

/** For what is asked of servers that are no API server, and where no audit is wanted. */
export const noAudit: Audit = { begin: () => silent };
