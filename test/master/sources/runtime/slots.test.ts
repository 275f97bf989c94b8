import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSlots, mapBounded } from '../../../../master/sources/runtime/slots.ts';
import { settled } from '../../../support/virtual-time.ts';

const never = new AbortController().signal;

describe('slots', () => {
  it('let in as many as there are, and the others in the order they came', async () => {
    const slots = createSlots(2);
    const entered: number[] = [];
    const leave: ((() => void) | undefined)[] = [];
    for (const i of [0, 1, 2, 3])
      void slots.take(never).then((free) => {
        entered.push(i);
        leave[i] = free;
      });
    await settled();
    expect(entered).toEqual([0, 1]);
    leave[1]?.();
    leave[1]?.();
    await settled();
    expect(entered).toEqual([0, 1, 2]);
    expect(slots.taken).toBe(2);
  });

  it('are not taken by who left the line', async () => {
    const slots = createSlots(1);
    const free = await slots.take(never);
    const controller = new AbortController();
    const waiting = slots.take(controller.signal);
    controller.abort();
    expect(await waiting).toBeUndefined();
    expect(await slots.take(controller.signal)).toBeUndefined();
    free?.();
    expect(slots.taken).toBe(0);
    expect(await slots.take(never)).toBeTypeOf('function');
  });
});

describe('mapping with a bound', () => {
  it('keeps the order and never exceeds the bound', async () => {
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
        expect(most).toBe(Math.min(most, limit));
        expect(most).toBeGreaterThanOrEqual(Math.min(1, items.length));
      }),
    );
  });

  it('ends with the first failure and begins nothing more', async () => {
    const begun: number[] = [];
    const work = async (item: number) => {
      begun.push(item);
      await Promise.resolve();
      if (item === 1) throw new Error('one');
    };
    await expect(mapBounded([1, 2, 3, 4, 5, 6], 2, work)).rejects.toThrow('one');
    await settled();
    expect(begun.length).toBeLessThan(6);
  });
});
