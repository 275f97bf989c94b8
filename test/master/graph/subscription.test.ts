import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Change, createChanges } from '../../../master/graph/revisions/changes.ts';
import { changesAfter } from '../../../master/graph/revisions/feed.ts';
import { type ResyncReason, type Sink, Subscriptions, throttled } from '../../../master/graph/subscription.ts';

type Changed = { readonly changes: readonly Change[] };

/** A graph that only counts revisions. */
function graphOf(logBytes = 1 << 20) {
  const changes = createChanges(logBytes);
  const graph = {
    revision: 0,
    changes,
    commit(): void {
      graph.revision++;
      const { revision } = graph;
      changes.push({
        revision,
        timestamp: `t${revision}`,
        resources: [],
        removedResources: [],
        relations: [],
        removedRelations: [],
      });
    },
  };
  return graph;
}

/** Accepts `room` batches, then is full until it gets more room. */
function sinkWith(room: number) {
  const got: number[] = [];
  const resyncs: ResyncReason[] = [];
  const errors: unknown[] = [];
  const state = { room, got, resyncs, errors };
  const sink: Sink<Changed> = {
    write({ changes }) {
      got.push(...changes.map(({ revision }) => revision));
      return --state.room > 0;
    },
    resync(reason) {
      resyncs.push(reason);
      return --state.room > 0;
    },
    fail: (error) => void errors.push(error),
  };
  return { ...state, state, sink };
}

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

function open(logBytes?: number) {
  const graph = graphOf(logBytes);
  const subscriptions = new Subscriptions(graph);
  const next = (revision: number) => changesAfter(graph.changes, revision);
  return { graph, subscriptions, next };
}

describe('a subscription', () => {
  it('gives its sink nothing while a transaction runs, and everything in the next turn', async () => {
    const { graph, subscriptions, next } = open();
    const { sink, got } = sinkWith(100);
    subscriptions.subscribe({ from: 0, next, sink });
    graph.commit();
    graph.commit();
    expect(got).toEqual([]);
    await turn();
    expect(got).toEqual([1, 2]);
  });

  it('gives a full sink nothing until it takes more, and then all it missed', async () => {
    const { graph, subscriptions, next } = open();
    const { sink, got, state } = sinkWith(1);
    const subscription = subscriptions.subscribe({ from: 0, next, sink });
    graph.commit();
    await turn();
    expect(subscription.slow).toBe(true);
    for (let i = 0; i < 5; i++) graph.commit();
    await turn();
    expect(got).toEqual([1]);
    state.room = 10;
    subscription.resume();
    expect(got).toEqual([1, 2, 3, 4, 5, 6]);
    expect(subscription.slow).toBe(false);
  });

  it('waits in a copy of the graph for a revision that the sink knows already, and sends nothing up to it', async () => {
    const { graph, subscriptions, next } = open();
    const { sink, got, resyncs } = sinkWith(10);
    graph.commit();
    const subscription = subscriptions.subscribe({ from: 3, mayBeAhead: true, next, sink });
    subscription.resume();
    graph.commit();
    await turn();
    graph.commit();
    await turn();
    expect([got, resyncs, subscription.revision]).toEqual([[], [], 3]);
    graph.commit();
    await turn();
    expect([got, resyncs]).toEqual([[4], []]);
  });

  it.each<[string, number | undefined]>([
    ['it knows no revision', undefined],
    ['its revision is of the future', 7],
  ])('tells its sink to read the graph again where %s, and goes on from the present', async (_, from) => {
    const { graph, subscriptions, next } = open();
    const { sink, got, resyncs } = sinkWith(10);
    graph.commit();
    subscriptions.subscribe({ from, next, sink }).resume();
    expect(resyncs).toEqual(['unknown_revision']);
    graph.commit();
    await turn();
    expect(got).toEqual([2]);
  });

  it('tells its sink to read the graph again where the log does not reach back so far', async () => {
    const { graph, subscriptions, next } = open(1_000);
    const { sink, got, resyncs, state } = sinkWith(1);
    const subscription = subscriptions.subscribe({ from: 0, next, sink });
    graph.commit();
    await turn();
    for (let i = 0; i < 20; i++) graph.commit();
    state.room = 10;
    subscription.resume();
    expect([got, resyncs]).toEqual([[1], ['log_overrun']]);
    graph.commit();
    await turn();
    expect(got).toEqual([1, 22]);
  });

  it('ends alone where its sink throws: others go on', async () => {
    const { graph, subscriptions, next } = open();
    const broken = sinkWith(10);
    const whole = sinkWith(10);
    const failing = {
      ...broken.sink,
      write: () => {
        throw new Error('disk');
      },
    };
    subscriptions.subscribe({ from: 0, next, sink: failing });
    subscriptions.subscribe({ from: 0, next, sink: whole.sink });
    graph.commit();
    await turn();
    graph.commit();
    await turn();
    expect(broken.errors).toEqual([new Error('disk')]);
    expect(whole.got).toEqual([1, 2]);
    expect(subscriptions.size).toBe(1);
  });

  it('is silent after its end', async () => {
    const { graph, subscriptions, next } = open();
    const { sink, got } = sinkWith(10);
    const subscription = subscriptions.subscribe({ from: 0, next, sink });
    graph.commit();
    subscription.close();
    subscription.close();
    await turn();
    expect(got).toEqual([]);
    subscriptions.close();
    expect(graph.changes.size().followers).toBe(0);
  });

  it('loses, doubles and reorders no revision, whatever its sink takes and when', async () => {
    const step = fc.oneof(
      fc.record({ does: fc.constant('commit'), times: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ does: fc.constant('turn'), times: fc.constant(1) }),
      fc.record({ does: fc.constant('room'), times: fc.integer({ min: 1, max: 5 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 4 }), async (steps, room) => {
        const { graph, subscriptions, next } = open();
        const { sink, got, resyncs, state } = sinkWith(room);
        const subscription = subscriptions.subscribe({ from: 0, next, sink });
        for (const { does, times } of steps) {
          if (does === 'commit') for (let i = 0; i < times; i++) graph.commit();
          if (does === 'turn') await turn();
          if (does === 'room') {
            state.room = times;
            subscription.resume();
          }
        }
        state.room = 1_000;
        subscription.resume();
        expect(resyncs).toEqual([]);
        expect(got).toEqual(Array.from({ length: graph.revision }, (_, i) => i + 1));
      }),
      { numRuns: 100 },
    );
  });
});

describe('a graph that is heard of seldom', () => {
  it('sends the first change at once, and those within the interval together at its end', () => {
    const graph = graphOf();
    const waiting: { readonly callback: () => void; readonly ms: number }[] = [];
    let now = 1000;
    const seldom = throttled(graph, 500, {
      now: () => now,
      later(callback, ms) {
        waiting.push({ callback, ms });
        return { unref: () => undefined } as unknown as NodeJS.Timeout;
      },
    });
    const heard: number[] = [];
    seldom.changes.follow(() => heard.push(seldom.revision));
    graph.commit();
    expect(heard).toEqual([1]);
    now += 100;
    graph.commit();
    graph.commit();
    expect(heard).toEqual([1]);
    expect(waiting.map(({ ms }) => ms)).toEqual([400]);
    now += 400;
    waiting[0]?.callback();
    expect(heard).toEqual([1, 3]);
    now += 500;
    graph.commit();
    expect(heard).toEqual([1, 3, 4]);
    seldom.close();
  });
});

describe('a subscription whose log was overrun', () => {
  const overrun = () => {
    const { graph, subscriptions, next } = open(500);
    const sink = sinkWith(100);
    return { graph, subscriptions, next, sink };
  };

  it('gets what it missed from another source, and continues from there', async () => {
    const { graph, subscriptions, next, sink } = overrun();
    const told: number[] = [];
    const asked: number[] = [];
    const found = Promise.withResolvers<undefined>();
    const catchUp = async (from: number) => {
      asked.push(from);
      const { revision } = graph;
      await found.promise;
      return { revision, write: () => told.push(revision) > 0 };
    };
    const one = subscriptions.subscribe({ from: 0, next, sink: sink.sink, catchUp });
    for (let i = 0; i < 10; i++) graph.commit();
    await turn();
    expect([one.slow, asked, sink.got]).toEqual([true, [0], []]);
    graph.commit();
    one.resume();
    await turn();
    expect(sink.got).toEqual([]);
    found.resolve(undefined);
    await turn();
    expect([told, sink.got, sink.resyncs]).toEqual([[10], [11], []]);
    expect(one.revision).toBe(11);
  });

  it.each([
    ['nobody knows it', async () => undefined],
    ['it cannot be read', () => Promise.reject(new Error('no disk'))],
  ])('begins again where %s', async (_, catchUp) => {
    const { graph, subscriptions, next, sink } = overrun();
    subscriptions.subscribe({ from: 0, next, sink: sink.sink, catchUp });
    for (let i = 0; i < 10; i++) graph.commit();
    await turn();
    await turn();
    expect([sink.resyncs, sink.errors]).toEqual([['log_overrun'], []]);
  });

  it('gives nothing to one that was closed meanwhile', async () => {
    const { graph, subscriptions, next, sink } = overrun();
    const written: number[] = [];
    const catchUp = async () => ({ revision: 10, write: () => written.push(10) > 0 });
    const one = subscriptions.subscribe({ from: 0, next, sink: sink.sink, catchUp });
    for (let i = 0; i < 10; i++) graph.commit();
    one.resume();
    one.close();
    await turn();
    expect([written, sink.got, sink.resyncs]).toEqual([[], [], []]);
  });
});
