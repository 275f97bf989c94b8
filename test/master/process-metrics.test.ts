import { Writable } from 'node:stream';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createHeapWatch, type Heap, heapNow, measureEventLoop, measureHeap } from '../../master/process-metrics.ts';
import { createLogger } from '../../src/logger.ts';

describe('the watch over the heap', () => {
  function watched(uses: readonly number[]): string[] {
    const lines: string[] = [];
    const destination = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    let heap: Heap = { used: 0, limit: 0 };
    const watch = createHeapWatch(createLogger({ level: 'info', format: 'json', destination }), () => heap);
    for (const used of uses) {
      heap = { used: used * 2 ** 20, limit: 100 * 2 ** 20 };
      watch.look();
    }
    return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  }

  it('says before the limit what is in use, what the limit is, and what to do', () => {
    const [said, ...more] = watched([50, 85]);
    expect(said).toMatch(/^85 MiB of the heap's 100 MiB .*--max-old-space-size/);
    expect(more).toEqual([]);
  });

  it('says so once, and again only after it was well below', () => {
    expect(watched([85, 90, 79, 95])).toHaveLength(1);
    expect(watched([85, 60, 85])).toHaveLength(2);
  });

  it('is quiet while there is room', () => {
    expect(watched([10, 79])).toEqual([]);
  });

  it('looks at the limit that the process really has', () => {
    const { used, limit } = heapNow();
    expect(used).toBeGreaterThan(1e6);
    expect(limit).toBeGreaterThan(used);
  });
});

describe('metrics of the process', () => {
  it('have the delay of the event loop and the heap', async () => {
    const registry = new Registry();
    measureEventLoop(registry);
    measureHeap(registry);
    const text = await registry.metrics();
    expect(text).toMatch(/^cluster_insight_event_loop_delay_seconds\{quantile="0.99"\} [\d.e-]+$/m);
    expect(text).toMatch(/^cluster_insight_heap_bytes\{of="limit"\} \d+$/m);
  });
});
