// The process's event loop delay, heap and memory, with a warning before a limit is reached, while it can still be raised.
import { totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Registry } from 'prom-client';
import type { Logger } from '../../src/logger.ts';
import { type Sample, sampledMetrics } from './sampled-metrics.ts';

/** Milliseconds between two looks of the monitor: it counts them as delay, and so they are taken off. */
const resolution = 10;
const percentiles = [50, 99, 100];

/** Since it was last asked. */
export function measureEventLoop(registry: Registry): void {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  sampledMetrics(registry).gauge(
    'event_loop_delay_seconds',
    'Delay of the event loop since the last scrape',
    ['percentile'],
    () => {
      const samples = percentiles.map((percentile): Sample => {
        const delay = histogram.count === 0 ? 0 : histogram.percentile(percentile) / 1e6 - resolution;
        return [Math.max(0, delay) / 1000, { percentile: String(percentile) }];
      });
      histogram.reset();
      return samples;
    },
  );
}

/** Bytes. */
export interface Use {
  readonly used: number;
  readonly limit: number;
}

export function heapNow(): Use {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return { used, limit };
}

export function memoryNow(): Use {
  return { used: process.memoryUsage.rss(), limit: memoryLimit() };
}

/** Bytes that the process may have: what its control group allows, or the machine has. */
export function memoryLimit(): number {
  // 0 where it is not known, more than there is where it is not limited.
  return Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
}

const warnAbove = 0.8;
const calmBelow = 0.7;

/** Looks at something that has a limit; says once that it comes near it, and again after it was well below. */
export function createUseWatch(logger: Logger, now: () => Use, say: (used: string, limit: string) => string) {
  let warned = false;
  return function look(): void {
    const { used, limit } = now();
    const part = used / limit;
    if (part < calmBelow) warned = false;
    if (part < warnAbove || warned) return;
    warned = true;
    logger.warn({ used, limit }, say(mib(used), mib(limit)));
  };
}

function mib(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** Returns what is to be called every few seconds. */
export function createMemoryWatch(logger: Logger, heap = heapNow, memory = memoryNow): () => void {
  const looks = [
    createUseWatch(
      logger,
      heap,
      (used, limit) =>
        `${used} of the heap's ${limit} are in use; at the limit the process ends. ` +
        'Give it more with NODE_OPTIONS=--max-old-space-size=MiB, or read fewer kinds or namespaces',
    ),
    createUseWatch(
      logger,
      memory,
      (used, limit) =>
        `${used} of the ${limit} of memory that the process may have are in use; beyond the limit it is killed. ` +
        'Give its container more, or read fewer kinds or namespaces',
    ),
  ];
  return () => looks.forEach((look) => look());
}

export function measureMemory(registry: Registry): void {
  const { gauge } = sampledMetrics(registry);
  gauge('heap_bytes', 'The JavaScript heap: in use, and the limit at which the process ends', ['of'], () => {
    const { used, limit } = heapNow();
    return [
      [used, { of: 'used' }],
      [limit, { of: 'limit' }],
    ];
  });
  gauge('memory_limit_bytes', 'Memory limit of the container, or memory of the machine', [], () => [[memoryLimit()]]);
}
