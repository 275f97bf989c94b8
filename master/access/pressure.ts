// Whether the process is too busy or too full for another answer. It opens no file, since the process may have no
// descriptors left, and an exception in a timer would end it.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Logger } from '../../src/logger.ts';
import { repeat } from '../../src/repeat.ts';

export interface PressureOptions {
  /** Maximum event loop delay in milliseconds, averaged over a second. */
  readonly maxEventLoopDelay?: number;
  readonly maxHeapUsedBytes?: number;
}

const usualDelay = 2000;
/** Share of the heap limit: above it the next large answer would kill the process. */
const usualHeap = 0.93;
/** Milliseconds between two checks. */
const period = 1000;
/** Milliseconds between two samples: the monitor includes them in the delay, so they are subtracted. */
const resolution = 10;

export class Pressure {
  readonly #mostDelay: number;
  readonly #mostHeap: number;
  readonly #delays = monitorEventLoopDelay({ resolution });
  readonly #stop: () => void;
  #reason: string | undefined;

  constructor(logger: Pick<Logger, 'error'>, options: PressureOptions = {}) {
    const { heap_size_limit: limit } = getHeapStatistics();
    this.#mostDelay = options.maxEventLoopDelay ?? usualDelay;
    this.#mostHeap = options.maxHeapUsedBytes ?? limit * usualHeap;
    this.#delays.enable();
    this.#look();
    this.#stop = repeat(period, () => this.#look(), logger);
  }

  /** Why nothing more should start; undefined if it may. */
  reason(): string | undefined {
    return this.#reason;
  }

  close(): void {
    this.#stop();
    this.#delays.disable();
  }

  #look(): void {
    const delay = this.#delays.count === 0 ? 0 : this.#delays.mean / 1e6 - resolution;
    this.#delays.reset();
    if (getHeapStatistics().used_heap_size > this.#mostHeap) this.#reason = 'the heap is nearly full';
    else this.#reason = delay > this.#mostDelay ? 'the event loop lags behind' : undefined;
  }
}
