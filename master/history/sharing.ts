// The main thread's side of a shared folder: what lies there is taken before history begins, and what is sealed is given from time
// to time and at the end. A folder that hangs delays the start and the end by a bounded time, and nothing else.
import { Worker } from 'node:worker_threads';
import type { Logger } from '../../src/logger.ts';
import type { Shared, SharedShelfOptions } from './shared-shelf.ts';

export interface SharingOptions extends Omit<SharedShelfOptions, 'now'> {
  /** Four bytes: not 0 once nothing more is to be taken. */
  readonly wanted: SharedArrayBuffer;
  /** Milliseconds between two looks for sealed segments. */
  readonly period: number;
}

export type SharingAsked = 'take' | 'close';
export interface SharingTold extends Shared {
  readonly what: 'take' | 'give' | 'close';
  readonly failed?: string;
}

/** Milliseconds. */
export interface SharingTimes {
  readonly period: number;
  readonly start: number;
  readonly end: number;
}

const usualTimes: SharingTimes = { period: 30_000, start: 60_000, end: 5_000 };

export class Sharing {
  readonly #worker: Worker;
  readonly #logger: Pick<Logger, 'info' | 'warn'>;
  readonly #times: SharingTimes;
  readonly #shared: string;
  readonly #wanted = new SharedArrayBuffer(4);
  readonly #waiting = new Map<SharingTold['what'], () => void>();
  readonly #counts = { taken: 0, given: 0, refused: 0, failures: 0 };
  #said: string | undefined;
  #ended = false;

  constructor(
    options: Omit<SharingOptions, 'wanted' | 'period'>,
    logger: Pick<Logger, 'info' | 'warn'>,
    times: Partial<SharingTimes> = {},
  ) {
    this.#logger = logger;
    this.#times = { ...usualTimes, ...times };
    this.#shared = options.shared;
    const workerData: SharingOptions = { ...options, wanted: this.#wanted, period: this.#times.period };
    this.#worker = new Worker(new URL('sharing-thread.ts', import.meta.url), { workerData });
    this.#worker.unref();
    this.#worker.on('message', (told: SharingTold) => this.#told(told));
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error.message : String(error)));
    this.#worker.on('exit', () => {
      this.#ended = true;
      for (const resolve of this.#waiting.values()) resolve();
    });
  }

  counts() {
    return { ...this.#counts };
  }

  /** Resolves when the own folder has what the shared one has, or when that takes too long. */
  async take(): Promise<void> {
    if (await this.#ask('take', this.#times.start)) return;
    Atomics.store(new Int32Array(this.#wanted), 0, 1);
    if (!this.#ended) this.#fail('it does not answer in time');
  }

  /** Call when the own folder is sealed. */
  async close(): Promise<void> {
    Atomics.store(new Int32Array(this.#wanted), 0, 1);
    if (!(await this.#ask('close', this.#times.end)) && !this.#ended) this.#fail('it does not answer in time');
    await this.#worker.terminate();
  }

  /** False if there is no answer in time. */
  async #ask(asked: SharingAsked, within: number): Promise<boolean> {
    if (this.#ended) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), within);
    this.#waiting.set(asked, () => resolve(!this.#ended));
    this.#worker.postMessage(asked);
    const isAnswered = await promise;
    clearTimeout(timer);
    this.#waiting.delete(asked);
    return isAnswered;
  }

  #told({ what, copied, refused, failed }: SharingTold): void {
    for (const { segment, reason } of refused)
      this.#logger.warn({ folder: this.#shared, segment }, `a shared segment of history is not used: ${reason}`);
    this.#counts.refused += refused.length;
    if (what === 'take') this.#counts.taken += copied.length;
    else this.#counts.given += copied.length;
    if (copied.length > 0)
      this.#logger.info(
        { folder: this.#shared, segments: copied.length },
        what === 'take' ? 'history was taken from the shared folder' : 'history was given to the shared folder',
      );
    if (failed !== undefined) this.#fail(failed);
    else this.#said = undefined;
    this.#waiting.get(what)?.();
  }

  /** Said once, until it works again. */
  #fail(reason: string): void {
    this.#counts.failures++;
    if (reason === this.#said) return;
    this.#said = reason;
    this.#logger.warn({ folder: this.#shared, reason }, 'the shared folder of history cannot be used at the moment');
  }
}
