// Log lines on their way to a gateway, batched by size, after a second, and at the end. Shipping itself logs to `local`,
// which is not shipped: its failures must not cause more lines.
import type { DestinationStream } from 'pino';
import type { Logger } from './logger.ts';

export interface LogBatch {
  /** JSON, one event each, without line ends. */
  readonly lines: readonly string[];
  /** Number of earlier lines dropped for lack of room. */
  readonly lost: number;
}

/** What the process offers for shipping its log. */
export interface LogShipping {
  readonly log: ShippedLog;
  /** Logs like the process, but is not shipped. */
  readonly local: Logger;
  /** Minimum level for logging and shipping from now on. */
  setLevel(level: string): void;
}

/** Characters that fill a message. */
const enough = 64 << 10;
/** Milliseconds that a line waits for others. */
const longest = 1_000;
/** Maximum characters waiting for a recipient. */
const most = 1 << 20;

export class ShippedLog implements DestinationStream {
  #lines: string[] = [];
  #size = 0;
  #lost = 0;
  #take: ((batch: LogBatch) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  write(line: string): void {
    const text = line.trimEnd();
    this.#lines.push(text);
    this.#size += text.length;
    while (this.#size > most && this.#lines.length > 1) this.#drop();
    if (this.#take === undefined) return;
    if (this.#size >= enough) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), longest).unref();
  }

  /** Sends batches to `take` from now on, waiting ones first. `take` must not log to the shipped log. */
  attach(take: (batch: LogBatch) => void): void {
    this.#take = take;
    this.flush();
  }

  /** Sends waiting lines now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#take === undefined || this.#lines.length === 0) return;
    const batch = { lines: this.#lines, lost: this.#lost };
    this.#lines = [];
    this.#size = 0;
    this.#lost = 0;
    this.#take(batch);
  }

  #drop(): void {
    this.#size -= this.#lines.shift()?.length ?? 0;
    this.#lost++;
  }
}
