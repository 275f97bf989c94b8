// Runs analyses in threads, a few at a time, with a time limit.
import { Worker } from 'node:worker_threads';
import { Semaphore } from '../../src/concurrency.ts';
import { fault } from '../../src/errors.ts';
import type { Finding, Work } from './analyse.ts';

export interface AnalysesOptions {
  /** Milliseconds. */
  readonly patience?: number;
}

const usualPatience = 20_000;
const mostWaiting = 4;
/** Heap of a thread in MiB. */
const heap = 512;

export class Analyses {
  readonly #patience: number;
  readonly #places = new Semaphore(1, {
    waiting: mostWaiting,
    full: () => fault('overloaded', { reason: 'other analyses wait already' }),
  });
  readonly #running = new Set<Worker>();

  constructor({ patience = usualPatience }: AnalysesOptions = {}) {
    this.#patience = patience;
  }

  /** @throws Fault `overloaded` if others wait already, `query_too_large` if it needs too much time or memory. */
  async run(work: Work, signal: AbortSignal): Promise<readonly Finding[]> {
    const leave = await this.#places.acquire(signal);
    try {
      return await this.#run(work, signal);
    } finally {
      leave();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((worker) => worker.terminate()));
  }

  async #run(work: Work, signal: AbortSignal): Promise<readonly Finding[]> {
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      workerData: work,
      resourceLimits: { maxOldGenerationSizeMb: heap },
    });
    this.#running.add(worker);
    const ended = Promise.withResolvers<readonly Finding[]>();
    const tooMuch = (reason: string, cause?: unknown) =>
      ended.reject(
        fault('query_too_large', { reason, hint: 'narrow it with namespace=, type=, or root= and depth=' }, cause),
      );
    const timer = setTimeout(() => tooMuch(`it takes more than ${this.#patience / 1000} s`), this.#patience);
    const giveUp = () => ended.reject(fault('client_gone'));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    worker.once('message', ended.resolve);
    worker.once('error', (error) => tooMuch('its thread failed', error));
    worker.once('exit', () => tooMuch('its thread ended'));
    try {
      return await ended.promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      this.#running.delete(worker);
      await worker.terminate();
    }
  }
}
