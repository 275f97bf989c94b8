import { describe, expect, it } from 'vitest';
import { limitFor, MemoryGuard, watchMemory } from '../../master/memory-guard.ts';
import { silentLogger } from '../../src/logger.ts';

// The master itself uses half of such a small heap.
const limit = 2 * 2048 * 1_000;

function createWorld() {
  const heap = { used: 0, limit };
  const guard = new MemoryGuard(() => ({ ...heap }));
  const log: string[] = [];
  const calls = { apply: 0, resync: 0, shown: 800, followed: 100_000 };
  const options = {
    logger: { warn: (_: object, text: string) => void log.push(text), info: (text: string) => void log.push(text) },
    shown: () => calls.shown,
    followed: () => calls.followed,
    apply: () => {
      calls.apply++;
      calls.shown = Math.min(calls.shown, guard.selected);
      calls.followed = Math.min(calls.followed, guard.followed);
    },
    resync: () => void calls.resync++,
  } as unknown as Parameters<MemoryGuard['look']>[0];
  return {
    guard,
    log,
    calls,
    /** Collects garbage; this share of the heap remains. */
    collect(part: number) {
      heap.used = part * limit;
      guard.collected();
      guard.look(options);
    },
    /** Creates garbage. */
    use(part: number) {
      heap.used = part * limit;
      guard.look(options);
    },
  };
}

describe('the guard of memory', () => {
  it('lets selectors make a relation for each two kilobytes of heap that the master does not need itself', () => {
    expect(limitFor({ limit }).selected).toBe(1000);
    expect(createWorld().guard.selected).toBe(1000);
  });

  it('ignores garbage: only the heap after a collection counts', () => {
    const { guard, collect, use, calls } = createWorld();
    collect(0.3);
    use(0.99);
    expect([guard.closed, guard.selected, calls.apply]).toEqual([false, 1000, 0]);
  });

  it('adds nothing near the limit, takes some back with each collection that leaves no room, and says it once', () => {
    const { guard, collect, use, log, calls } = createWorld();
    collect(0.85);
    expect([guard.closed, guard.selected]).toEqual([true, 800]);
    use(0.9);
    expect(guard.selected).toBe(800);
    collect(0.86);
    expect(guard.selected).toBe(640);
    collect(0.9);
    expect(guard.selected).toBe(512);
    expect(calls.apply).toBe(3);
    expect(log).toEqual([expect.stringContaining('nearly full')]);
  });

  it('takes names back, too, some thousands with each collection that leaves no room, and lets all come when there is', () => {
    const { guard, collect, use, calls } = createWorld();
    collect(0.9);
    expect(guard.followed).toBe(Number.POSITIVE_INFINITY);
    collect(0.9);
    collect(0.9);
    expect([guard.followed, calls.followed]).toEqual([90_000, 90_000]);
    calls.followed = 1_000;
    collect(0.9);
    expect(guard.followed).toBe(800);
    for (let n = 0; n < 15; n++) use(0.5);
    expect([guard.closed, guard.followed]).toEqual([false, Number.POSITIVE_INFINITY]);
  });

  it('opens after it saw room for a while, has everything listed again, and gives back little by little', () => {
    const { guard, collect, use, log, calls } = createWorld();
    collect(0.9);
    collect(0.8);
    for (let n = 0; n < 14; n++) use(0.5);
    expect(guard.closed).toBe(true);
    use(0.75);
    for (let n = 0; n < 14; n++) use(0.5);
    expect([guard.closed, calls.resync]).toEqual([true, 0]);
    use(0.5);
    expect([guard.closed, calls.resync, guard.selected]).toEqual([false, 1, 800]);
    for (let n = 0; n < 30; n++) use(0.5);
    expect(guard.selected).toBe(1000);
    expect(log.length).toBe(2);
  });

  it('hears of real collections until it is closed', async () => {
    let asked = 0;
    const guard = new MemoryGuard(() => {
      asked++;
      return { used: 0, limit };
    });
    const nothing = () => {};
    const close = watchMemory(guard, {
      logger: silentLogger,
      shown: () => 0,
      followed: () => 0,
      apply: nothing,
      resync: nothing,
    });
    const before = asked;
    const kept: unknown[] = [];
    while (asked === before) {
      kept.push(Array.from({ length: 100_000 }, () => ({})));
      if (kept.length > 20) kept.length = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    close();
    expect(asked).toBeGreaterThan(before);
  });
});
