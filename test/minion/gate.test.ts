import { describe, expect, test } from 'vitest';
import { createGate, mapBounded } from '../../minion/gate.ts';

describe('a gate', () => {
  test('lets so many through at once, lets so many wait, and refuses the rest', async () => {
    const gate = createGate({ atOnce: 2, waiting: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    let running = 0;
    const work = async () => {
      running++;
      await promise;
      return running;
    };
    const three = [gate.run(work), gate.run(work), gate.run(work)];
    await expect(gate.run(work)).rejects.toMatchObject({ code: 'engine_busy', status: 503 });
    expect(running).toBe(2);
    resolve();
    await Promise.all(three);
    expect(running).toBe(3);
    expect(await gate.run(async () => 'free again')).toBe('free again');
  });

  test('gives the place of what failed to the next', async () => {
    const gate = createGate({ atOnce: 1, waiting: 1 });
    const failing = gate.run(async () => Promise.reject(new Error('no')));
    const next = gate.run(async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});

describe('a bounded map', () => {
  test('keeps the order and the bound', async () => {
    let now = 0;
    let most = 0;
    const results = await mapBounded([5, 1, 4, 2, 3], 2, async (item) => {
      most = Math.max(most, ++now);
      for (let turn = 0; turn < item; turn++) await Promise.resolve();
      now--;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
    expect(await mapBounded([], 2, async () => 1)).toEqual([]);
  });
});
