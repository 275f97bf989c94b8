// How the process itself does: the delay of its event loop, its heap, and a warning before the heap comes to its limit,
// when there is still time to give it more, instead of after it.
import { totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { Gauge, type Registry } from 'prom-client';
import type { Logger } from '../src/logger.ts';

/** Milliseconds between two looks of the monitor: it counts them as delay, and so they are taken off. */
const resolution = 10;
const quantiles = [0.5, 0.99, 1];

/** Since it was last asked. */
export function measureEventLoop(registry: Registry): void {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  new Gauge({
    name: 'cluster_insight_event_loop_delay_seconds',
    help: 'How much later than it was due the event loop did what it had to, since the last time this was asked',
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      for (const quantile of quantiles) {
        const delay = histogram.count === 0 ? 0 : histogram.percentile(quantile * 100) / 1e6 - resolution;
        this.set({ quantile: String(quantile) }, Math.max(0, delay) / 1000);
      }
      histogram.reset();
    },
  });
}

export interface Heap {
  /** Bytes. */
  readonly used: number;
  readonly limit: number;
}

export function heapNow(): Heap {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return { used, limit };
}

/** Bytes that the process may have: what its control group allows, or the machine has. */
export function memoryLimit(): number {
  // 0 where it is not known, more than there is where it is not limited.
  return Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
}

const warnAbove = 0.8;
const calmBelow = 0.7;

/** Looks at the heap; says once that it comes near its limit, and again after it was well below. */
export function createHeapWatch(logger: Logger, heap: () => Heap = heapNow): { look(): void } {
  let warned = false;
  return {
    look() {
      const { used, limit } = heap();
      const part = used / limit;
      if (part < calmBelow) warned = false;
      if (part < warnAbove || warned) return;
      warned = true;
      const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
      logger.warn(
        { heapUsed: used, heapLimit: limit },
        `${mib(used)} of the heap's ${mib(limit)} are in use; at the limit the process ends. ` +
          'Give it more with NODE_OPTIONS=--max-old-space-size=MiB, or read fewer kinds or namespaces',
      );
    },
  };
}

export function measureHeap(registry: Registry): void {
  new Gauge({
    name: 'cluster_insight_heap_bytes',
    help: 'The JavaScript heap: in use, and the limit at which the process ends',
    labelNames: ['of'],
    registers: [registry],
    collect() {
      const { used, limit } = heapNow();
      this.set({ of: 'used' }, used);
      this.set({ of: 'limit' }, limit);
    },
  });
}
