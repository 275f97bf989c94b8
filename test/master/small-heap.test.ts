// What collects runs in a process of its own: V8's flags hold for all of a process.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SmallHeap } from '../../master/small-heap.ts';
import type { MonotonicTime } from '../../src/clock.ts';

const mib = 1 << 20;
const minute = 60_000;

/** A process whose heap is `heap` MiB, and of which a collection leaves `left`. */
function createWorld(heap: number, left: number) {
  const world = { heap, left, now: 0, share: 0.01, collections: 0, large: 0 };
  const small = new SmallHeap({
    held: () => world.heap * mib,
    utilization: () => ({ idle: 0, active: 0, utilization: world.share }),
    collect() {
      world.collections++;
      world.heap = world.left;
    },
    clock: () => world.now as MonotonicTime,
    onLarge: () => void world.large++,
  });
  return {
    world,
    look(changed: Partial<typeof world> = {}) {
      Object.assign(world, changed);
      small.look();
      return { collections: world.collections, large: world.large };
    },
  };
}

test('the garbage of a start is collected when the process is at rest, and not before', () => {
  const { look, world } = createWorld(50, 22);
  expect(look({ share: 0.9 })).toEqual({ collections: 0, large: 0 });
  expect(look({ share: 0.4 })).toEqual({ collections: 0, large: 0 });
  expect(look({ share: 0.02 })).toEqual({ collections: 1, large: 0 });
  expect(world.heap).toBe(22);
});

test('it is collected again when much has come together, and not often', () => {
  const { look } = createWorld(50, 22);
  expect(look().collections).toBe(1);
  expect(look({ heap: 30, now: 60 * minute }).collections).toBe(1);
  expect(look({ heap: 45, now: 61 * minute, share: 0.4 }).collections).toBe(1);
  expect(look({ now: 62 * minute, share: 0 }).collections).toBe(2);
  expect(look({ heap: 60, now: 62.5 * minute }).collections).toBe(2);
  expect(look({ heap: 60, now: 75 * minute }).collections).toBe(3);
});

test.each([
  ['that is large', 300, 300],
  ['that grows while much is done', 129, 129],
])('a heap %s is left to V8 for good, which is set for it once', (_what, heap, left) => {
  const { look } = createWorld(40, left);
  expect(look({ share: 0.9 })).toEqual({ collections: 0, large: 0 });
  expect(look({ heap })).toEqual({ collections: 0, large: 1 });
  expect(look({ heap: 30, share: 0 })).toEqual({ collections: 0, large: 1 });
});

test('a process that works for half of the time is left to V8, unless it still starts', () => {
  const { look } = createWorld(40, 22);
  expect(look({ share: 0.9 })).toEqual({ collections: 0, large: 0 });
  expect(look({ share: 0.01 })).toEqual({ collections: 1, large: 0 });
  expect(look({ share: 0.4 })).toEqual({ collections: 1, large: 0 });
  expect(look({ share: 0.6 })).toEqual({ collections: 1, large: 1 });
});

test('a heap of which much is left is not collected a second time', () => {
  const { look } = createWorld(120, 90);
  expect(look()).toEqual({ collections: 1, large: 1 });
  expect(look({ heap: 120, now: 1_000 * minute })).toEqual({ collections: 1, large: 1 });
});

/** What a process prints that runs this with the module. */
function printed(script: string): unknown {
  const module = join(import.meta.dirname, '../../master/small-heap.ts');
  const source = `import { collectGarbage, SmallHeap } from ${JSON.stringify(module)};\n${script}`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', source], { encoding: 'utf8' }));
}

test('what nothing refers to is gone afterwards, and nobody else can collect', () => {
  const script = `
    let garbage = Array.from({ length: 500_000 }, (_, n) => ({ n }));
    const gone = new WeakRef(garbage);
    await new Promise((resolve) => setImmediate(resolve));
    const before = process.memoryUsage().heapTotal;
    garbage = undefined;
    collectGarbage();
    const given = before - process.memoryUsage().heapTotal;
    console.log(JSON.stringify([gone.deref() === undefined, given > 4 << 20, typeof globalThis.gc]));
  `;
  expect(printed(script)).toEqual([true, true, 'undefined']);
});

test('a process looks at itself unless it is told otherwise', () => {
  const script = `
    let large = 0;
    const heap = new SmallHeap({ onLarge: () => large++ });
    heap.look();
    const kept = Array.from({ length: 20 }, () => new Array(1 << 20).fill(0.5));
    heap.look();
    heap.look();
    console.log(JSON.stringify([large, kept.length]));
  `;
  expect(printed(script)).toEqual([1, 20]);
});
