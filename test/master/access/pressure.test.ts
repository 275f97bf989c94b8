import { expect, onTestFinished, test, vi } from 'vitest';
import { Pressure } from '../../../master/access/pressure.ts';
import { silentLogger } from '../../../src/logger.ts';

const heap = vi.hoisted(() => ({ heap_size_limit: 1000, used_heap_size: 0 }));
vi.mock('node:v8', () => ({ getHeapStatistics: () => heap }));

function reasonAt(used: number, options?: { readonly maxHeapUsedBytes: number }): string | undefined {
  heap.used_heap_size = used;
  const pressure = new Pressure(silentLogger, options);
  onTestFinished(() => pressure.close());
  return pressure.reason();
}

test('nothing more starts above 93 % of the heap limit, unless another bound is set', () => {
  expect(reasonAt(929)).toBeUndefined();
  expect(reasonAt(931)).toBe('the heap is nearly full');
  expect(reasonAt(931, { maxHeapUsedBytes: 950 })).toBeUndefined();
  expect(reasonAt(951, { maxHeapUsedBytes: 950 })).toBe('the heap is nearly full');
});
