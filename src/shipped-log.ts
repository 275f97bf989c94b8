// Lines of the log on their way to a gateway: gathered until there are enough or a second is over, and at the end. What the way
// itself has to say is logged by `local`, which does not lead here: a failure of shipping ships nothing about itself.
import type { DestinationStream } from 'pino';
import type { Logger } from './logger.ts';

export interface LogBatch {
  /** JSON, one an event, without line ends. */
  readonly lines: readonly string[];
  /** Lines before these that there was no room for. */
  readonly lost: number;
}

/** What the process gives to whoever ships its log. */
export interface LogShipping {
  readonly log: ShippedLog;
  /** Logs as the process does, and is not shipped. */
  readonly local: Logger;
  /** The least level that is logged and shipped from now on. */
  setLevel(level: string): void;
}

/** Characters that are worth a message of their own. */
const enough = 64 << 10;
/** Milliseconds that a line waits for others. */
const longest = 1_000;
/** Characters that wait for somebody to take them. */
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

  /** From now on batches go to `take`, those first that waited for it. It must not log to where this log is shipped from. */
  attach(take: (batch: LogBatch) => void): void {
    this.#take = take;
    this.flush();
  }

  /** What waits goes now. */
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
