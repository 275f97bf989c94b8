import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mapBounded, Semaphore } from '../../src/concurrency.ts';
import { settled } from '../support/virtual-time.ts';

describe('a semaphore', () => {
  test('lets so many in, and the others in the order they came, as places come free', async () => {
    const semaphore = new Semaphore(2);
    const entered: number[] = [];
    const release: (() => void)[] = [];
    for (const i of [0, 1, 2, 3])
      void semaphore.acquire().then((free) => {
        entered.push(i);
        release[i] = free;
      });
    await settled();
    expect(entered).toEqual([0, 1]);
    release[1]?.();
    release[1]?.();
    await settled();
    expect(entered).toEqual([0, 1, 2]);
    expect(semaphore.taken).toBe(2);
    release[0]?.();
    await settled();
    expect(entered).toEqual([0, 1, 2, 3]);
  });

  test('gives no place to a caller that gave up waiting', async () => {
    const semaphore = new Semaphore(1);
    const release = await semaphore.acquire();
    const impatient = new AbortController();
    const given = semaphore.acquire(impatient.signal);
    const patient = semaphore.acquire();
    impatient.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    release();
    (await patient)();
    await expect(semaphore.acquire(impatient.signal)).rejects.toThrow('enough');
    expect(semaphore.taken).toBe(0);
  });

  test('refuses callers beyond its queue, with the error that its owner chose', async () => {
    const semaphore = new Semaphore(2, { waiting: 1, full: () => new Error('busy') });
    const { promise, resolve } = Promise.withResolvers<void>();
    let running = 0;
    const work = async () => {
      running++;
      await promise;
      return running;
    };
    const three = [semaphore.run(work), semaphore.run(work), semaphore.run(work)];
    await expect(semaphore.run(work)).rejects.toThrow('busy');
    await expect(new Semaphore(0, { waiting: 0 }).acquire()).rejects.toThrow('too many wait already');
    expect(running).toBe(2);
    resolve();
    await Promise.all(three);
    expect(running).toBe(3);
    expect(await semaphore.run(async () => 'free again')).toBe('free again');
  });

  test('gives the place of a failed task to the next', async () => {
    const semaphore = new Semaphore(1, { waiting: 1 });
    const failing = semaphore.run(async () => Promise.reject(new Error('no')));
    const next = semaphore.run(async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
    expect(semaphore.taken).toBe(0);
  });
});

describe('mapping with a bound', () => {
  test('keeps the order and never exceeds the bound', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 20 }), fc.integer({ min: 1, max: 5 }), async (items, limit) => {
        let now = 0;
        let most = 0;
        const results = await mapBounded(items, limit, async (ticks) => {
          most = Math.max(most, ++now);
          for (let i = 0; i < ticks; i++) await Promise.resolve();
          now--;
          return ticks * 2;
        });
        expect(results).toEqual(items.map((item) => item * 2));
        expect(most).toBeLessThanOrEqual(limit);
        expect(most).toBeGreaterThanOrEqual(Math.min(1, items.length));
      }),
    );
  });

  test('begins nothing more after the first failure, wherever that is and however long the others take', async () => {
    const place = fc.record({ failing: fc.nat(99), atOnce: fc.integer({ min: 1, max: 8 }), slow: fc.nat(20) });
    await fc.assert(
      fc.asyncProperty(place, async ({ failing, atOnce, slow }) => {
        const begun: number[] = [];
        let running = 0;
        const all = Array.from({ length: 100 }, (_, i) => i);
        const work = async (item: number) => {
          begun.push(item);
          running++;
          for (let i = 0; item !== failing && i < slow; i++) await Promise.resolve();
          running--;
          if (item === failing) throw new Error(`item ${item}`);
        };
        await expect(mapBounded(all, atOnce, work)).rejects.toThrow(`item ${failing}`);
        // Started items have finished; the others never start.
        expect(running).toBe(0);
        const before = begun.length;
        await settled();
        expect(begun).toHaveLength(before);
        // A failure is noticed some microtasks later, in which other workers may finish a few quick items each.
        expect(before).toBeLessThanOrEqual(failing + 1 + 4 * atOnce);
        expect(Math.max(...begun)).toBe(before - 1);
      }),
    );
  });

  test('of a hundred items, four at once, the third failing, begins no more than the others of that moment', async () => {
    const begun: number[] = [];
    const work = async (item: number) => {
      begun.push(item);
      await Promise.resolve();
      if (item === 3) throw new Error('the third');
    };
    const all = Array.from({ length: 100 }, (_, i) => i + 1);
    await expect(mapBounded(all, 4, work)).rejects.toThrow('the third');
    await settled();
    expect(begun.length).toBeLessThanOrEqual(8);
  });

  test('tells the work that is under way when another failed, or when the caller gives up', async () => {
    const told: unknown[] = [];
    const hanging = (_item: number, signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          told.push((signal.reason as Error).message);
          reject(signal.reason as Error);
        });
      });
    const failing = mapBounded([1, 2, 3], 2, (item, signal) =>
      item === 2 ? Promise.reject(new Error('two')) : hanging(item, signal),
    );
    await expect(failing).rejects.toThrow('two');
    const caller = new AbortController();
    const given = mapBounded([1, 2, 3], 2, hanging, caller.signal);
    caller.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    expect(told).toEqual(['two', 'enough', 'enough']);
    await expect(mapBounded([1], 2, hanging, caller.signal)).rejects.toThrow('enough');
  });
});
