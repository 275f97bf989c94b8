// A graph on its way through an agent and a gateway into a replica: both end up equal, whatever outages there are.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GraphReceiver } from '../../../master/gateway/graph-receiver.ts';
import { Replica } from '../../../master/graph/replication/replica.ts';
import { createRetention } from '../../../master/graph/revisions/retention.ts';
import { ReplicaGraph } from '../../../master/replica/replica-graph.ts';
import { GraphSource } from '../../../master/uplink/graph-source.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { Publisher } from '../../../src/uplink/source.ts';
import { createTestApp } from '../../support/app.ts';
import { enrolled, startAgent, type TestAgent, TestGateway } from '../../support/gateway-pair.ts';
import { runAll, usualKinds } from '../../support/input-logs.ts';
import { graphOf, kindNamed } from '../../support/random-cluster.ts';
import { stillClock } from '../../support/still-clock.ts';
import type { VirtualTime } from '../../support/virtual-time.ts';

const minute = 60_000;
const second = 1_000;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ci-graph-source-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A master of one namespace. */
function createMaster(time: VirtualTime, epoch: string) {
  const app = createTestApp({ mirrored: true, epoch, clock: time.clock });
  const { engine, mirror, store, engineOptions } = app;
  for (const kind of usualKinds.values()) store.sinkOf(kind).state('synced');
  engine.changes.record();
  const pods = store.sinkOf(kindNamed('Pod'));
  const { virtualTypes, createdBy, limit } = engineOptions;
  if (!mirror || !limit) throw new Error('it is mirrored, and limited');
  const source = (publisher: Publisher, synced: Promise<unknown> = Promise.resolve()) =>
    new GraphSource({
      publisher,
      log: { engine, mirror, createdBy, virtualTypes, limit, kinds: usualKinds },
      epoch,
      synced,
      sleep: time.sleep,
      logger: silentLogger,
    });
  const pod = (name: string, image = 'redis') => ({
    metadata: { name, namespace: 'shop', uid: name, resourceVersion: `${image}` },
    spec: { nodeName: 'n1', containers: [{ name: 'main', image }] },
  });
  return {
    engine,
    source,
    put: (name: string, image?: string) => pods.event('MODIFIED', pod(name, image)),
    remove: (name: string) => pods.event('DELETED', pod(name)),
  };
}

function createReplica(time: VirtualTime) {
  const replica = new Replica({
    open: (origin, rules) => new ReplicaGraph({ origin, rules, retention: createRetention() }),
    run: runAll,
    clock: stillClock(time.clock),
    now: time.clock,
    logger: silentLogger,
  });
  const receiver = () => new GraphReceiver({ receive: (message) => replica.receive(message), clock: time.clock });
  return { replica, receiver };
}

/** Agent, gateway and replica joined. */
async function joined(
  options: Partial<Parameters<typeof startAgent>[0]> & { readonly synced?: Promise<unknown> } = {},
) {
  const parts: { graph?: ReturnType<typeof createReplica> } = {};
  const all = enrolled(join(root, 'enrolments'), { own: { graph: () => parts.graph?.receiver() ?? { take() {} } } });
  const { time, secret, dial } = all;
  const graph = createReplica(time);
  parts.graph = graph;
  const master = createMaster(time, 'abcd0123');
  const sources = [(publisher: Publisher) => master.source(publisher, options.synced)];
  const agent = await startAgent({ time, secret, dial, sources, ...options });
  return { ...all, ...agent, ...graph, master };
}

const served = (replica: Replica<ReplicaGraph>) => {
  const target = replica.served?.target;
  return target && { revision: target.engine.revision, ...graphOf(target.engine) };
};
const toldBy = ({ engine }: ReturnType<typeof createMaster>) => ({ revision: engine.revision, ...graphOf(engine) });

async function ended({ uplink }: Pick<TestAgent, 'uplink'>, time: VirtualTime): Promise<void> {
  let over = false;
  const closed = uplink.close().finally(() => {
    over = true;
  });
  for (let i = 0; i < 200 && !over; i++) await time.advance(100);
  await closed;
}

describe('what a process before left in the buffer', () => {
  /** Whether it is dropped; `before`: its last record that the gateway needs, `received`: the last that the gateway has. */
  function isDropped(before: number | undefined, received: number | undefined): boolean {
    const dropped: string[] = [];
    const publisher = {
      before: () => before,
      lost: () => 0,
      discard: (name: string) => void dropped.push(name),
    } as unknown as Publisher;
    const { time } = enrolled(join(root, 'enrolments'), { own: {} });
    const never = new Promise<never>(() => {});
    createMaster(time, 'abcd0123')
      .source(publisher, never)
      .authorised(received === undefined ? {} : { graph: received });
    return dropped.length > 0;
  }

  test.each([
    ['is sent to a gateway that knows what came before it', 5, 5, false],
    ['is sent to a gateway that has a part of it', 5, 7, false],
    ['is dropped for a gateway that misses what came before it', 5, 3, true],
    ['is dropped for a gateway that knows nothing', 5, undefined, true],
    ['is no hindrance where there is nothing', undefined, 3, false],
  ])('%s', (_, before, received, dropped) => {
    expect(isDropped(before, received)).toBe(dropped);
  });
});

describe('the graph of an agent', () => {
  test('arrives whole, and then change by change, revision for revision', async () => {
    const all = await joined();
    const { time, replica, master } = all;
    master.put('a');
    await time.advance(5 * second);
    expect(served(replica)).toEqual(toldBy(master));
    for (const name of ['b', 'c', 'd']) {
      master.put(name);
      await time.advance(second);
    }
    master.remove('b');
    await time.advance(second);
    expect(served(replica)).toEqual(toldBy(master));
    expect(replica.counts()).toMatchObject({ resyncs: 0, holes: 0 });
    await ended(all, time);
  });

  test('is not told before it is whole', async () => {
    const whole = Promise.withResolvers<void>();
    const all = await joined({ synced: whole.promise });
    const { time, replica, master } = all;
    await time.advance(minute);
    expect(replica.place).toBeUndefined();
    master.put('a');
    whole.resolve();
    await time.advance(5 * second);
    expect(served(replica)).toEqual(toldBy(master));
    await ended(all, time);
  });

  test('is heard of though nothing changes, and not while the agent is away', async () => {
    const all = await joined();
    const { time, replica, gateway, pairs } = all;
    await time.advance(2 * minute);
    expect(replica.standing()).toMatchObject({ state: 'following' });
    expect(replica.standing().lag).toBeLessThanOrEqual(6 * second);
    gateway.up = false;
    pairs.at(-1)?.cut();
    await time.advance(minute);
    expect(replica.standing()).toMatchObject({ state: 'stale', staleSince: expect.stringMatching(/^20/) });
    gateway.up = true;
    await time.advance(2 * minute);
    expect(replica.standing()).toMatchObject({ state: 'following', staleSince: undefined });
    await ended(all, time);
  });

  test('loses no change in ten minutes without a gateway: each of them is told, and nothing is told twice', async () => {
    const all = await joined();
    const { time, replica, master, gateway, pairs } = all;
    await time.advance(5 * second);
    const seen: string[] = [];
    const engine = replica.served?.target.engine;
    engine?.afterCommit(() => seen.push(`${engine.revision} ${engine.timestamp}`));
    const told: string[] = [];
    master.engine.afterCommit(() => told.push(`${master.engine.revision} ${master.engine.timestamp}`));
    gateway.up = false;
    pairs.at(-1)?.cut();
    for (let i = 0; i < 100; i++) {
      master.put(`p${i % 7}`, `image-${i}`);
      await time.advance(6 * second);
    }
    gateway.up = true;
    await time.advance(2 * minute);
    expect(told.length).toBe(100);
    expect(seen).toEqual(told);
    expect(served(replica)).toEqual(toldBy(master));
    expect(replica.counts()).toMatchObject({ resyncs: 0, holes: 0 });
    await ended(all, time);
  });

  test('is told as a whole again after more than an hour, in which changes were dropped', async () => {
    const all = await joined();
    const { time, replica, master, gateway, pairs, uplink } = all;
    await time.advance(5 * second);
    gateway.up = false;
    pairs.at(-1)?.cut();
    for (let i = 0; i < 70; i++) {
      master.put(`p${i % 7}`, `image-${i}`);
      await time.advance(minute);
    }
    gateway.up = true;
    await time.advance(3 * minute);
    expect(uplink.lost('graph')).toBeGreaterThan(5);
    expect(served(replica)).toEqual(toldBy(master));
    expect(replica.counts().resyncs).toBe(1);
    await ended(all, time);
  });

  test('is told as a whole to a gateway that knows nothing of it, and to one that forgot', async () => {
    const all = await joined();
    const { time, master, gateway, pairs } = all;
    master.put('a');
    await time.advance(5 * second);
    // Another gateway with the same name replaces it.
    const other = createReplica(time);
    const second_ = new TestGateway(join(root, 'enrolments'), time, undefined, { graph: () => other.receiver() });
    gateway.up = false;
    gateway.accept = () => second_.accept();
    pairs.at(-1)?.cut();
    master.put('b');
    gateway.up = true;
    await time.advance(minute);
    expect(served(other.replica)).toEqual(toldBy(master));
    await ended(all, time);
  });

  test('of an agent that was started again is another one, and what the one before left is told first', async () => {
    const folder = join(root, 'spool');
    const all = await joined({ folder });
    const { time, replica, master, gateway, pairs, secret, dial } = all;
    await arrived(time, replica, master);
    gateway.up = false;
    pairs.at(-1)?.cut();
    master.put('late');
    await time.advance(5 * second);
    const last = toldBy(master);
    await ended(all, time);
    const again = createMaster(time, 'eeee9999');
    again.put('other');
    const revisions: number[] = [];
    const engine = replica.served?.target.engine;
    engine?.afterCommit(() => revisions.push(engine.revision));
    gateway.up = true;
    const agent = await startAgent({
      time,
      secret,
      dial,
      folder,
      start: 'again',
      sources: [(publisher) => again.source(publisher)],
    });
    await arrived(time, replica, again);
    expect(revisions).toEqual([last.revision]);
    expect(replica.counts().holes).toBe(0);
    await ended(agent, time);
  });

  test('ends as the master has it, whatever changed and whenever there was no connection', async () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ put: fc.integer({ min: 0, max: 6 }), image: fc.integer({ min: 0, max: 99 }) }),
      },
      { weight: 2, arbitrary: fc.record({ remove: fc.integer({ min: 0, max: 6 }) }) },
      { weight: 4, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 30 * second }) }) },
      { weight: 1, arbitrary: fc.constant({ wait: 30 * minute }) },
      { weight: 2, arbitrary: fc.record({ up: fc.boolean() }) },
      { weight: 2, arbitrary: fc.constantFrom({ cut: true } as const, { silent: true } as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        rmSync(root, { recursive: true });
        const all = await joined();
        const { time, replica, master, gateway, pairs } = all;
        for (const one of steps) {
          if ('put' in one) master.put(`p${one.put}`, `image-${one.image}`);
          else if ('remove' in one) master.remove(`p${one.remove}`);
          else if ('wait' in one) await time.advance(one.wait);
          else if ('up' in one) gateway.up = one.up;
          else if ('cut' in one) pairs.at(-1)?.cut();
          else pairs.at(-1)?.fallSilent();
        }
        gateway.up = true;
        // The longest wait, a detected silence, and a keyframe.
        await time.advance(3 * minute);
        expect(served(replica)).toEqual(toldBy(master));
        await ended(all, time);
      }),
      { numRuns: 15 },
    );
  });
});

/** Lets virtual time pass until the replica has what the master has: reading from a disk takes real time. */
async function arrived(
  time: VirtualTime,
  replica: Replica<ReplicaGraph>,
  master: ReturnType<typeof createMaster>,
): Promise<void> {
  const late = Date.now() + 50_000;
  while (!isDeepStrictEqual(served(replica), toldBy(master)) && Date.now() < late) {
    await time.advance(250);
    await sleep(2);
  }
  expect(served(replica)).toEqual(toldBy(master));
}
