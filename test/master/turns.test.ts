import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createTurns } from '../../master/turns.ts';
import type { Steps } from '../../src/steps.ts';

/** An event loop that advances when told to, and a clock that only work advances. */
function setUp(places?: number) {
  const loop: (() => void)[] = [];
  let time = 0;
  const log: string[] = [];
  const turns = createTurns({
    length: 4,
    later: (callback) => loop.push(callback),
    now: () => time,
    ...(places === undefined ? {} : { places }),
  });

  /** Some steps of a millisecond each. */
  function* work(name: string, count: number): Steps<string> {
    try {
      for (let i = 0; i < count; i++) {
        time++;
        log.push(name);
        yield;
      }
      return `${name} is done`;
    } finally {
      log.push(`${name} ends`);
    }
  }

  async function goRound(times = 1): Promise<void> {
    for (let i = 0; i < times; i++) {
      // Other work of the event loop.
      log.push('|');
      for (const callback of loop.splice(0)) callback();
      await settled();
    }
  }

  const settled = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  const told = () => log.splice(0).join(' ');
  return { turns, work, goRound, settled, told, pass: (ms: number) => (time += ms), isIdle: () => loop.length === 0 };
}

const nobody = new AbortController().signal;
let rig: ReturnType<typeof setUp>;
beforeEach(() => void (rig = setUp()));

describe('work in turns', () => {
  it('that is short is done at once', async () => {
    const { turns, work, settled, told } = rig;
    const result = turns.run(work('a', 3), nobody);
    await settled();
    expect(told()).toBe('a a a a ends');
    expect(await result).toBe('a is done');
  });

  it('lets the loop go round after each turn', async () => {
    const { turns, work, settled, goRound, told } = rig;
    const result = turns.run(work('a', 10), nobody);
    await settled();
    await goRound(3);
    expect(told()).toBe('a a a a | a a a a | a a a ends |');
    expect(await result).toBe('a is done');
  });

  it('shares one turn: what comes in the same round of the loop does not add to it', async () => {
    const { turns, work, settled, goRound, told } = rig;
    void turns.run(work('a', 2), nobody);
    void turns.run(work('b', 9), nobody);
    void turns.run(work('c', 9), nobody);
    await settled();
    expect(told()).toBe('a a a ends b b');
    await goRound();
    expect(told()).toBe('| c c c c');
    await goRound();
    expect(told()).toBe('| b b b b');
  });

  it('takes turns with other work, and new work runs soon', async () => {
    const { turns, work, settled, goRound, told } = rig;
    for (const name of ['a', 'b', 'c']) void turns.run(work(name, 100), nobody);
    await settled();
    await goRound(6);
    const order = told().split(' | ');
    expect(order.every((turn) => new Set(turn.split(' ')).size === 1)).toBe(true);
    expect(new Set(order.map((turn) => turn[0]))).toEqual(new Set(['a', 'b', 'c']));
    void turns.run(work('new', 1), nobody);
    await goRound(2);
    expect(told()).toContain('new ends');
  });

  it('is over when the caller is gone, and lets go of what it held', async () => {
    const { turns, work, settled, goRound, told } = rig;
    const gone = new AbortController();
    const result = turns.run(work('a', 100), gone.signal);
    await settled();
    gone.abort();
    const refused = result.catch((error: unknown) => error);
    await goRound();
    expect(await refused).toMatchObject({ code: 'client_gone' });
    expect(told()).toBe('a a a a | a ends');
  });

  it('fails as its steps fail', async () => {
    const failing = function* (): Steps<never> {
      yield;
      throw new Error('no');
    };
    await expect(rig.turns.run(failing(), nobody)).rejects.toThrow('no');
  });

  it('leaves nothing behind in the loop', async () => {
    const { turns, work, goRound, isIdle } = rig;
    void turns.run(work('a', 10), nobody);
    await goRound(5);
    expect(isIdle()).toBe(true);
  });
});

describe('long work', () => {
  it('runs a limited number of times at once; short work runs beside it', async () => {
    const { turns, work, goRound, told } = setUp(2);
    for (const name of ['a', 'b', 'c', 'd']) void turns.run(work(name, 600), nobody);
    await goRound(200);
    told();
    await goRound(20);
    expect(new Set(told().match(/\w/g)).size).toBe(2);
    void turns.run(work('short', 3), nobody);
    await goRound(3);
    expect(told()).toContain('short ends');
    await goRound(600);
    expect(told().match(/ends/g)).toHaveLength(4);
  });

  it('gives its place on when its caller goes, under way or waiting for one', async () => {
    const { turns, work, goRound, told } = setUp(1);
    const callers = ['a', 'b', 'c'].map((name) => {
      const gone = new AbortController();
      const result = turns.run(work(name, 1000), gone.signal);
      result.catch(() => undefined);
      return gone;
    });
    await goRound(60);
    callers[1]?.abort();
    callers[0]?.abort();
    await goRound(2);
    expect(told()).toMatch(/b ends/);
    await goRound(10);
    expect(told()).not.toMatch(/[ab]$/);
    await goRound(500);
    expect(told()).toContain('c ends');
  });

  it('is refused where too much of it waits already', async () => {
    const { turns, work, goRound } = setUp(1);
    const results = Array.from({ length: 80 }, (_, n) => turns.run(work(`w${n}`, 1000), nobody));
    const failures = Promise.allSettled(results);
    await goRound(80 * 20 + 70 * 300);
    const reasons = (await failures).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(reasons.length).toBe(80 - 65);
    expect(reasons[0]).toMatchObject({ code: 'overloaded' });
  });
});

describe('a stream in turns', () => {
  it('is all that there is, in order, without the places to be interrupted at', async () => {
    const { turns } = rig;
    const items = ['a', undefined, 'b', undefined, undefined, 'c'];
    const seen: string[] = [];
    for await (const item of turns.pace(items)) seen.push(item);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('pauses when its turn is over, however fast it is read', async () => {
    const { turns, pass, goRound } = rig;
    const seen: number[] = [];
    const read = (async () => {
      for await (const item of turns.pace(Array.from({ length: 10 }, (_, n) => n))) {
        seen.push(item);
        pass(2);
      }
    })();
    await goRound(1);
    expect(seen.length).toBeLessThan(6);
    await goRound(10);
    await read;
    expect(seen).toHaveLength(10);
  });

  it('that is no longer read ends its source', async () => {
    const ended = vi.fn<() => void>();
    const endless = function* () {
      try {
        for (;;) yield 'x';
      } finally {
        ended();
      }
    };
    for await (const _ of rig.turns.pace(endless())) break;
    expect(ended).toHaveBeenCalledOnce();
  });
});
