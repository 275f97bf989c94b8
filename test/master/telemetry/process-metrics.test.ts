import { Writable } from 'node:stream';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import {
  createMemoryWatch,
  heapNow,
  measureEventLoop,
  measureMemory,
  memoryLimit,
  memoryNow,
  type Use,
} from '../../../master/telemetry/process-metrics.ts';
import { createLogger } from '../../../src/logger.ts';

/** Log messages when so many of 100 MiB are in use at each check. */
function watched(heap: readonly number[], memory: readonly number[] = []): string[] {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = createLogger({ level: 'info', format: 'json', destination });
  let at = 0;
  const of = (uses: readonly number[]) => (): Use => ({ used: (uses[at] ?? 0) * 2 ** 20, limit: 100 * 2 ** 20 });
  const look = createMemoryWatch(logger, of(heap), of(memory));
  for (; at < Math.max(heap.length, memory.length); at++) look();
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
}

describe('the watch over memory', () => {
  it('says before the limit what is in use, what the limit is, and what to do', () => {
    const [heap, ...more] = watched([50, 85]);
    expect(heap).toMatch(/^85 MiB of the heap's 100 MiB .*--max-old-space-size/);
    expect(more).toEqual([]);
    const [memory, ...others] = watched([], [50, 85]);
    expect(memory).toMatch(/^85 MiB of the 100 MiB of memory .* killed/);
    expect(others).toEqual([]);
  });

  it('says so once, and again only after it was well below', () => {
    expect(watched([85, 90, 79, 95])).toHaveLength(1);
    expect(watched([85, 60, 85])).toHaveLength(2);
    expect(watched([85, 90, 79, 95], [85, 60, 85, 90])).toHaveLength(3);
  });

  it('is quiet while there is room', () => {
    expect(watched([10, 79], [79, 10])).toEqual([]);
  });

  it.each([heapNow, memoryNow])('looks at what the process really uses and has: %o', (now) => {
    const { used, limit } = now();
    expect(used).toBeGreaterThan(1e6);
    expect(limit).toBeGreaterThan(used);
    expect(Number.isFinite(limit)).toBe(true);
  });
});

describe('metrics of the process', () => {
  it('have the delay of the event loop, the heap and the limit of memory', async () => {
    const registry = new Registry();
    measureEventLoop(registry);
    measureMemory(registry);
    const text = await registry.metrics();
    expect(text).toMatch(/^cluster_insight_event_loop_delay_seconds\{percentile="99"\} [\d.e-]+$/m);
    expect(text).toMatch(/^cluster_insight_heap_bytes\{of="limit"\} \d+$/m);
    expect(text).toContain(`\ncluster_insight_memory_limit_bytes ${memoryLimit()}\n`);
  });
});
