import { describe, expect, it } from 'vitest';
import { createCollector, phaseOf } from '../../../../master/sources/runtime/collector.ts';
import type { MinionReader } from '../../../../master/sources/runtime/minion-reader.ts';
import type { Minion } from '../../../../master/sources/runtime/minions.ts';
import { fault } from '../../../../src/errors.ts';
import { silentLogger } from '../../../../src/logger.ts';
import type { NodeSnapshot } from '../../../../src/minion-api.ts';
import { recordingSink, snapshotOf } from '../../../support/runtime.ts';
import { stillClock } from '../../../support/still-clock.ts';
import { createVirtualTime, settled } from '../../../support/virtual-time.ts';

type Behaviour = (signal: AbortSignal) => Promise<NodeSnapshot | undefined>;

const empty = snapshotOf([]);
const good: Behaviour = async () => empty;
const unchanged: Behaviour = async () => undefined;
const refused: Behaviour = () => Promise.reject(fault('minion_unreachable', { reason: 'connection refused' }));
/** Never answers; ends only by its signal. */
const hangs: Behaviour = (signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

const second = 1000;

function world(nodes: readonly string[], overrides: { atOnce?: number } = {}) {
  const time = createVirtualTime();
  const sink = recordingSink();
  const began = time.clock();
  const listeners = new Set<() => void>();
  const minions = new Map<string, Minion>();
  const behaviours = new Map<string, Behaviour>();
  const calls: { node: string; url: string; at: number; whole: boolean }[] = [];
  const load = { now: 0, most: 0 };

  function open(minion: Minion): MinionReader {
    let whole = true;
    return {
      forget: () => void (whole = true),
      async read(signal) {
        calls.push({ node: minion.node, url: minion.url, at: time.clock() - began, whole });
        load.most = Math.max(load.most, ++load.now);
        try {
          const snapshot = await (behaviours.get(minion.node) ?? good)(signal);
          const fresh = whole ? snapshot : undefined;
          whole = false;
          return fresh;
        } finally {
          load.now--;
        }
      },
    };
  }

  const place = (node: string, url = `http://${node}`, ready = true) =>
    minions.set(node, { node, url, checkNode: true, ready });
  for (const node of nodes) place(node);
  const collector = createCollector({
    minions: {
      minions: () => minions,
      onChange(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    open,
    sink,
    logger: silentLogger,
    refresh: 10 * second,
    dropAfter: 300 * second,
    timeout: 5 * second,
    atOnce: overrides.atOnce ?? 128,
    clock: stillClock(time.clock),
    random: () => 0.5,
    sleep: time.sleep,
    deadline: time.deadline,
  });
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const of = (node: string) => calls.filter((call) => call.node === node);
  return { time, sink, minions, behaviours, calls, load, collector, place, changed, of, listeners };
}

describe('a minion that answers', () => {
  it('is syncing, then synced with its snapshot, and then asked once an interval', async () => {
    const { collector, time, sink, of } = world(['n1']);
    collector.start();
    await time.advance(60 * second);
    expect(sink.told).toEqual(['state n1 syncing', 'snapshot n1 0', 'state n1 synced']);
    const at = of('n1').map((call) => call.at);
    expect(at.slice(2).map((each, i) => each - (at[i + 1] ?? 0))).toEqual(at.slice(2).map(() => 10 * second));
    expect(at.length).toBeGreaterThanOrEqual(6);
    await collector.close();
  });

  it('says nothing to the sink while nothing changes', async () => {
    const { collector, time, sink, behaviours } = world(['n1']);
    collector.start();
    await time.advance(5 * second);
    behaviours.set('n1', unchanged);
    const before = sink.told.length;
    await time.advance(600 * second);
    expect(sink.told).toHaveLength(before);
    await collector.close();
  });
});

describe('a minion that does not answer', () => {
  it('makes its node stale, once, with why, and its data stay', async () => {
    const { collector, time, sink, behaviours } = world(['n1', 'n2']);
    collector.start();
    await time.advance(15 * second);
    behaviours.set('n1', refused);
    await time.advance(120 * second);
    expect(sink.of('n1').slice(3)).toEqual(['state n1 stale The minion cannot be reached: connection refused']);
    expect(sink.snapshots.has('n1')).toBe(true);
    expect(sink.of('n2')).toHaveLength(3);
    await collector.close();
  });

  it('is asked with back-off, at most three intervals apart', async () => {
    const { collector, time, behaviours, of } = world(['n1']);
    behaviours.set('n1', refused);
    collector.start();
    await time.advance(280 * second);
    const at = of('n1').map((call) => call.at);
    const gaps = at.slice(1).map((each, i) => each - (at[i] ?? 0));
    expect(gaps.slice(0, 3)).toEqual([7.5, 15, 22.5].map((each) => each * second));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(30 * second);
    expect(gaps.length).toBeGreaterThan(9);
    await collector.close();
  });

  it("loses its node's data after the stated time, is still asked, and is whole when it comes back", async () => {
    const { collector, time, sink, behaviours, calls } = world(['n1']);
    collector.start();
    await time.advance(15 * second);
    behaviours.set('n1', refused);
    await time.advance(11 * second);
    const failedAt = calls.at(-1)?.at ?? 0;
    await time.advance(failedAt + 300 * second - 26 * second - 1);
    expect(sink.told.at(-1)).toMatch(/^state n1 stale/);
    await time.advance(2);
    expect(sink.told.slice(-2)).toEqual([
      'drop n1',
      'state n1 absent The minion cannot be reached: connection refused',
    ]);
    behaviours.set('n1', good);
    await time.advance(30 * second);
    expect(sink.told.slice(-2)).toEqual(['snapshot n1 0', 'state n1 synced']);
    expect(calls.at(-1)?.whole || calls.at(-2)?.whole).toBe(true);
    await collector.close();
  });

  it('is cut off when it hangs, and said to be slow', async () => {
    const { collector, time, sink, behaviours, load } = world(['n1']);
    behaviours.set('n1', hangs);
    collector.start();
    await time.advance(6 * second);
    expect(sink.told.at(-1)).toBe('state n1 stale The minion did not answer within 5000 ms');
    expect(load.now).toBe(0);
    await collector.close();
  });

  it('never delays another, however many hang', async () => {
    const hanging = Array.from({ length: 50 }, (_, i) => `hangs-${i}`);
    const { collector, time, behaviours, of } = world(['n1', ...hanging], { atOnce: 4 });
    collector.start();
    await time.advance(20 * second);
    for (const node of hanging) behaviours.set(node, hangs);
    // The round in which they stop answering; from the next one on they have a queue of their own.
    await time.advance(100 * second);
    const before = of('n1').length;
    await time.advance(200 * second);
    const at = of('n1')
      .slice(before)
      .map((call) => call.at);
    expect(at).toHaveLength(20);
    expect(new Set(at.map((each) => each % (10 * second))).size).toBe(1);
    await collector.close();
  });
});

it('what the sink cannot take in is an error of that node alone, and is given whole again', async () => {
  const { collector, time, sink, calls } = world(['bad', 'fine']);
  const { snapshot } = sink;
  let broken = true;
  sink.snapshot = (node, value) => {
    if (node === 'bad' && broken) throw new TypeError('no such field');
    snapshot(node, value);
  };
  collector.start();
  await time.advance(5 * second);
  expect(sink.of('bad').at(-1)).toBe('state bad stale Internal error; see the log of the service');
  expect(sink.of('fine').at(-1)).toBe('state fine synced');
  broken = false;
  await time.advance(20 * second);
  expect(sink.of('bad').at(-1)).toBe('state bad synced');
  expect(
    calls
      .filter(({ node }) => node === 'bad')
      .slice(0, 2)
      .every(({ whole }) => whole),
  ).toBe(true);
  await collector.close();
});

describe('minions that come and go', () => {
  it('are asked as soon as they are found, and at a new address at once', async () => {
    const { collector, time, place, changed, of } = world([]);
    collector.start();
    await time.advance(60 * second);
    place('n1');
    changed();
    await time.advance(20);
    expect(of('n1')).toHaveLength(1);
    place('n1', 'http://elsewhere');
    changed();
    await time.advance(1);
    expect(of('n1').map(({ url, whole }) => [url, whole])).toEqual([
      ['http://n1', true],
      ['http://elsewhere', true],
    ]);
    await collector.close();
  });

  it('are stale when they go, dropped for good after the stated time, and never asked meanwhile', async () => {
    const { collector, time, sink, minions, changed, of } = world(['n1']);
    collector.start();
    await time.advance(15 * second);
    const before = of('n1').length;
    minions.delete('n1');
    changed();
    await time.advance(299 * second);
    expect(sink.told.at(-1)).toBe('state n1 stale The node has no minion any more');
    await time.advance(second);
    expect(sink.told.at(-1)).toBe('drop n1');
    expect(of('n1')).toHaveLength(before);
    expect(collector.status()).toEqual([]);
    await collector.close();
  });

  it('that return in time lose nothing', async () => {
    const { collector, time, sink, minions, place, changed } = world(['n1']);
    collector.start();
    await time.advance(15 * second);
    minions.delete('n1');
    changed();
    await time.advance(100 * second);
    place('n1', 'http://new-pod');
    changed();
    await time.advance(600 * second);
    expect(sink.told.filter((line) => line.startsWith('drop'))).toEqual([]);
    expect(sink.told.at(-1)).toBe('state n1 synced');
    await collector.close();
  });

  it('that are ready again are asked at once', async () => {
    const { collector, time, sink, place, changed, behaviours } = world(['n1']);
    behaviours.set('n1', refused);
    place('n1', 'http://n1', false);
    collector.start();
    await time.advance(100 * second);
    behaviours.set('n1', good);
    place('n1', 'http://n1', true);
    changed();
    await time.advance(1);
    expect(sink.told.at(-1)).toBe('state n1 synced');
    await collector.close();
  });
});

describe('a thousand minions', () => {
  const nodes = Array.from({ length: 1000 }, (_, i) => `node-${i}`);

  it('are asked once an interval each, spread over it, and never more at once than allowed', async () => {
    const { collector, time, sink, behaviours, calls, load } = world(nodes, { atOnce: 16 });
    const slow: Behaviour = async (signal) => {
      await time.sleep(100, signal);
      return empty;
    };
    for (const node of nodes) behaviours.set(node, slow);
    collector.start();
    await time.advance(20 * second);
    const from = calls.length;
    await time.advance(10 * second);
    const round = calls.slice(from);
    expect(new Set(round.map(({ node }) => node)).size).toBe(1000);
    expect(round).toHaveLength(1000);
    const perSecond = Array.from(
      { length: 10 },
      (_, i) => round.filter(({ at }) => Math.floor(at / second) % 10 === i).length,
    );
    expect(Math.min(...perSecond)).toBeGreaterThan(60);
    expect(Math.max(...perSecond)).toBeLessThan(140);
    expect(load.most).toBeLessThanOrEqual(32);
    expect(load.most).toBeGreaterThan(1);
    expect(sink.snapshots.size).toBe(1000);
    await collector.close();
    expect(load.now).toBe(0);
  });
});

it('closing ends pending calls, timers and subscriptions, and reports nothing', async () => {
  const { collector, time, sink, behaviours, load, listeners } = world(['n1', 'n2']);
  behaviours.set('n1', hangs);
  collector.start();
  await time.advance(second);
  expect(load.now).toBe(1);
  const before = [...sink.told];
  await collector.close();
  expect(load.now).toBe(0);
  expect(listeners.size).toBe(0);
  await time.advance(600 * second);
  await settled();
  expect(sink.told).toEqual(before);
});

it('the status says how each minion stands', async () => {
  const { collector, time, behaviours } = world(['n2', 'n1']);
  behaviours.set('n2', refused);
  collector.start();
  await time.advance(second);
  expect(collector.status()).toMatchObject([
    { node: 'n1', url: 'http://n1', state: 'synced', calls: 1, failures: 0 },
    { node: 'n2', state: 'stale', reason: expect.stringContaining('refused'), calls: 1, failures: 1 },
  ]);
  await collector.close();
});

it('the phase of a node is always the same, and less than one', () => {
  expect(phaseOf('n1')).toBe(phaseOf('n1'));
  expect(phaseOf('n1')).not.toBe(phaseOf('n2'));
  for (const name of ['', 'a', 'b', 'c']) expect(phaseOf(name)).toBeLessThan(1);
});
