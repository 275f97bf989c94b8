import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { KeptGraphs } from '../../../master/history/kept-graphs.ts';

interface Made {
  readonly name: string;
  readonly held: number;
}

function kept(options: { most: number; mostBytes?: number }) {
  const graphs = new KeptGraphs<Made>({
    ...options,
    graphOf: ({ held }) =>
      ({
        bytes: { size: () => ({ live: held, held, memory: held }) },
        order: { size: 0 },
        relations: 0,
      }) as never,
  });
  let made = 0;
  const ask = async (name: string, held = 1) => {
    const graph = await graphs.get(name, async () => {
      made++;
      await turn();
      return { name, held };
    });
    expect(graph.name).toBe(name);
    return graph;
  };
  return { graphs, ask, made: () => made };
}

afterEach(() => void vi.useRealTimers());

describe('graphs of the past that are kept', () => {
  it('are made once for all questions that come while one is made', async () => {
    const { ask, made } = kept({ most: 4 });
    const [one, other] = await Promise.all([ask('a'), ask('a'), ask('b')]);
    expect(one).toBe(other);
    expect(made()).toBe(2);
  });

  it('are those that were asked last', async () => {
    const { graphs, ask, made } = kept({ most: 2 });
    for (const name of ['a', 'b', 'a', 'c']) await ask(name);
    expect(['a', 'b', 'c'].filter((name) => graphs.has(name))).toEqual(['a', 'c']);
    await ask('b');
    expect(made()).toBe(4);
  });

  it.each([
    ['small ones by their number', Array.from({ length: 100 }, () => 10), 4],
    ['two that fill what may be kept', [600, 600, 600, 400], 2],
    ['one that is as large as all', [100, 100, 1000], 1],
    ['one that is larger than all', [100, 5_000_000], 1],
    ['small ones behind a huge one', [5_000_000, 300, 300], 2],
  ])('come to no more bytes than may be kept: %s', async (_, sizes, left) => {
    const { graphs, ask } = kept({ most: 4, mostBytes: 1000 });
    for (const [i, size] of sizes.entries()) {
      await ask(String(i), size);
      await turn();
      expect(graphs.bytes).toBeLessThanOrEqual(1000);
      expect(graphs.has(String(i))).toBe(true);
    }
    expect(graphs.size).toBe(left);
  });

  it('never hold what could not be made', async () => {
    const { graphs, ask } = kept({ most: 4 });
    const refused = graphs.get('a', async () => {
      throw new Error('damaged');
    });
    await expect(refused).rejects.toThrow('damaged');
    await turn();
    expect(graphs.size).toBe(0);
    await ask('a');
    expect(graphs.size).toBe(1);
  });

  it('are given up ten minutes after the last question, by a timer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    // LRUCache takes 0, at which this clock begins, for no time at all.
    await vi.advanceTimersByTimeAsync(1);
    const { graphs, ask } = kept({ most: 4 });
    await ask('a');
    await ask('b');
    await vi.advanceTimersByTimeAsync(400_000);
    await ask('b');
    await vi.advanceTimersByTimeAsync(300_000);
    expect([graphs.has('a'), graphs.has('b')]).toEqual([false, true]);
    expect(graphs.size).toBe(1);
    await vi.advanceTimersByTimeAsync(400_000);
    expect(graphs.size).toBe(0);
  });
});
