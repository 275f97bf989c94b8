// Audits all requests of this process to an API server: one line per request, written after its answer; two per watch, at
// its start and end. Lines contain no header, token or body.
import { randomBytes } from 'node:crypto';
import { type Clock, type MonotonicClock, timestampOf } from '../clock.ts';
import type { Timestamp } from '../model.ts';
import { type ApiObject, apiRequestOf } from './api-path.ts';

export interface AuditLine {
  /** Time of the request; of a `close`, time when the watch closed. */
  readonly time: Timestamp;
  /** Unique among all processes; the two lines of a watch share it. */
  readonly id: string;
  readonly event: 'request' | 'open' | 'close';
  /** `master`, `export`, `actor`, `command`. */
  readonly mode: string;
  readonly verb: string;
  readonly method: string;
  /** Includes the query, as sent. */
  readonly path: string;
  readonly object?: ApiObject;
  /** 0 without an answer. */
  readonly status: number;
  /** Milliseconds until the end of the answer; for an `open`, until its headers. */
  readonly duration: number;
  /** Size of the answer's body as transferred. */
  readonly bytes: number;
  readonly purpose: string;
  readonly dryRun: boolean;
  /** Why the answer is incomplete: `ECONNRESET`, `aborted`. */
  readonly error?: string;
  /** True if no connection was made: the API server saw nothing. */
  readonly unsent?: true;
}

export interface AskedRequest {
  readonly method: string;
  readonly path: string;
  readonly purpose: string;
}

/** One request up to the end of its answer. Later calls are ignored. */
export interface Exchange {
  /** The connection exists: from now on the API server may have seen the request. */
  connected(): void;
  answered(status: number): void;
  /** This number of bytes of the body arrived. */
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

/** For servers that are no API servers, and without an audit. */
export const noAudit: Audit = { begin: () => silent };
