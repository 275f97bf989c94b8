// A replica limits what masters send, whatever limits they claim to have.
import { expect, test } from 'vitest';
import { noLimit, type RelationLimit } from '../../../master/graph/engine/relation-limit.ts';
import { type LogMessage, pack } from '../../../master/graph/replication/messages.ts';
import { Replica } from '../../../master/graph/replication/replica.ts';
import { createRetention } from '../../../master/graph/revisions/retention.ts';
import { ReaderLimits, roomHere } from '../../../master/replica/reader-limits.ts';
import { ReplicaGraph } from '../../../master/replica/replica-graph.ts';
import type { MonotonicTime } from '../../../src/clock.ts';
import { silentLogger } from '../../../src/logger.ts';
import { createMemoryLog, runAll } from '../../support/input-logs.ts';
import { createGraph, graphOf, kindNamed } from '../../support/random-cluster.ts';

const meta = (name: string) => ({ name, namespace: 'evil', uid: name, labels: { app: 'x' } });

/** A master without limits, of a cluster in which each policy selects each Pod. */
function createMaster(limit: RelationLimit = noLimit) {
  let now = Date.parse('2026-01-01T00:00:00.000Z');
  const graph = createGraph(() => (now += 1000), { limit });
  graph.engine.changes.record();
  const put = (type: string, from: number, count: number, spec: object) => {
    for (let i = from; i < from + count; i++)
      graph.store.sinkOf(kindNamed(type)).event('ADDED', { metadata: meta(`${type[0]}${i}`), spec } as never);
  };
  return {
    ...graph,
    limit,
    pods: (from: number, count: number) => put('Pod', from, count, { containers: [] }),
    policies: (from: number, count: number) => put('NetworkPolicy', from, count, { podSelector: {} }),
  };
}

function createReader(limits: ReaderLimits, cluster = 'east') {
  let now = 0;
  const epochs: string[] = [];
  const replica = new Replica<ReplicaGraph>({
    open: (origin, rules) => new ReplicaGraph({ cluster, origin, rules, retention: createRetention(), limits }),
    run: runAll,
    clock: () => now as MonotonicTime,
    now: () => now,
    logger: silentLogger,
    mostBytes: limits.room.chars,
    onServed: ({ epoch }) => void epochs.push(epoch),
  });
  return { replica, epochs, pass: (ms: number) => void (now += ms) };
}

const hear = async ({ replica }: ReturnType<typeof createReader>, messages: readonly LogMessage[]) => {
  const verdicts = [];
  for (const message of messages) verdicts.push(await replica.receive(message));
  return verdicts;
};

const limitsOf = (own: Partial<RelationLimit>, room: Partial<ReturnType<typeof roomHere>> = {}) =>
  new ReaderLimits({ own: { ...noLimit, ...own }, room: { ...roomHere(1 << 30, { limit: 1 << 30 }), ...room } });

test('a cluster within the limits of its reader is the same, whatever it says of its own', async () => {
  const master = createMaster();
  master.pods(0, 10);
  master.policies(0, 10);
  const { messages, keyframe } = createMemoryLog(master);
  await keyframe();
  const reader = createReader(limitsOf({ selected: 1_000 }));
  expect(new Set(await hear(reader, messages))).toEqual(new Set(['taken']));
  expect(graphOf(reader.replica.served?.target.engine as never)).toEqual(graphOf(master.engine));
  expect(reader.epochs).toEqual(['e1']);
});

test.each([
  ['from the beginning', 20],
  ['only later', 2],
])('one that outgrows them %s loses relations here, which is told, and goes on being followed', async (_, first) => {
  const master = createMaster();
  master.pods(0, 20);
  master.policies(0, first);
  const { messages, keyframe } = createMemoryLog(master);
  await keyframe();
  master.policies(first, 22 - first);
  const reader = createReader(limitsOf({ selected: 100 }));
  expect(new Set(await hear(reader, messages))).toEqual(new Set(['taken']));
  const { target, epoch } = reader.replica.served ?? expect.unreachable();
  const { engine } = target;
  expect(engine.selectedRelations).toMatchObject({ wanted: 440 });
  expect(engine.selectedRelations.shown).toBeLessThanOrEqual(100);
  const { complete, relations } = JSON.parse(engine.completeness());
  expect(complete).toBe(false);
  expect(relations['restricts in evil'].reason).toMatch(/^cut: \d+ of 440/);
  // Its epoch differs, so that its revisions cannot be taken for the master's.
  expect(epoch).not.toBe('e1');
  expect(reader.replica.boundary).toBeUndefined();
  const sent = messages.length;
  master.pods(100, 3);
  expect(new Set(await hear(reader, messages.slice(sent)))).toEqual(new Set(['taken']));
  expect(engine.get('Pod:evil/P102')?.present).toBe(true);
  expect(reader.replica.standing().state).toBe('following');
});

test.each([
  ['resources', { resources: 50 }],
  ['bytes', { bytes: 1 }],
])('one that tells more %s than there is room for is followed no further for a while, and says so', async (_, room) => {
  const master = createMaster();
  master.pods(0, 5);
  const { messages, keyframe } = createMemoryLog(master);
  await keyframe();
  master.pods(5, 200);
  const limits = limitsOf({}, room);
  const reader = createReader(limits);
  const verdicts = await hear(reader, messages);
  // It requests no keyframe, which would be just as large.
  expect(new Set(verdicts)).toEqual(new Set(['taken', 'known']));
  expect(reader.replica.standing().reason).toContain('more than there is room for here');
  const { order } = reader.replica.served?.target.engine ?? {};
  expect(order?.size ?? 0).toBeLessThan(70);
  reader.pass(601_000);
  expect(await reader.replica.receive(messages.at(-1) as LogMessage)).toBe('hole');
});

test('what one cluster takes is not taken from the others: each has its equal share', () => {
  const limits = limitsOf({ selected: 900 });
  const graph = (shown: number) =>
    ({
      selectedRelations: { wanted: shown, shown },
      followedReferences: 0,
      order: { size: 0 },
      bytes: { size: () => ({ live: 0, held: 0 }) },
    }) as never;
  limits.add('large', graph(850));
  const release = limits.add('small', graph(10));
  limits.add('other', graph(0));
  expect(limits.limitOf('small').selected).toBe(300);
  expect(limits.limitOf('large').selected).toBe(890);
  // Two graphs of a cluster count as the larger one: one replaces the other.
  limits.add('large', graph(840));
  expect(limits.shown).toBe(860);
  release();
  expect(limits.limitOf('other').selected).toBe(450);
});

test('neither unpacks messages above the limit, nor collects transactions above it', async () => {
  const head = { kind: 'begin' as const, epoch: 'e1', term: '1', number: 0, revision: 0 };
  const bomb = pack(head, `${'x'.repeat(40 << 20)}\n`);
  expect(bomb[0]?.body.length).toBeLessThan(64 << 10);
  const reader = createReader(limitsOf({}, { chars: 1 << 20 }));
  expect(await hear(reader, bomb)).toEqual(['hole']);
  expect(reader.replica.standing().reason).toContain('cannot be unpacked');
});

test.each([
  [{ selected: 'all' }],
  [{ selected: -1, ofOneObject: null }],
  [{ selected: 5, followed: {}, closed: 1 }],
  [{}],
])('a limit that is none is no limit: %j', async (limit) => {
  const master = createMaster();
  master.pods(0, 5);
  master.policies(0, 5);
  const { messages, keyframe } = createMemoryLog({ ...master, limit: { ...noLimit, ...limit } as never });
  await keyframe();
  const reader = createReader(limitsOf({ selected: 10 }));
  await hear(reader, messages);
  expect(reader.replica.served?.target.engine.selectedRelations.shown).toBeLessThanOrEqual(10);
});
