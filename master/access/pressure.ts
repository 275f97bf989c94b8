// Whether the process is so busy, or so full, that one more answer would make it worse. What is read here opens no file: the
// process may have none left to open, and a timer that throws would end it.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Logger } from '../../src/logger.ts';
import { repeat } from '../../src/repeat.ts';

export interface PressureOptions {
  /** Milliseconds that the event loop may lag behind, in the mean of a second. */
  readonly maxEventLoopDelay?: number;
  readonly maxHeapUsedBytes?: number;
}

const usualDelay = 2000;
/** Of the heap's limit: beyond it the process is about to die of the next large answer. */
const usualHeap = 0.93;
/** Milliseconds between two looks. */
const period = 1000;
/** Milliseconds between two looks of the monitor: it counts them as delay, and so they are taken off. */
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

  /** Why nothing more should begin; undefined where it may. */
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
