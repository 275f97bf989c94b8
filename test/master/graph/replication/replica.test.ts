import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../../../master/graph/engine/engine.ts';
import { noLimit } from '../../../../master/graph/engine/relation-limit.ts';
import type { LogMessage } from '../../../../master/graph/replication/messages.ts';
import type { Told } from '../../../../master/graph/replication/mirror.ts';
import { beatPeriod } from '../../../../master/graph/replication/replica.ts';
import type { ReplicaGraph } from '../../../../master/replica/replica-graph.ts';
import { createMemoryLog, createTestReplica } from '../../../support/input-logs.ts';
import { createGraph, graphOf, kindNamed } from '../../../support/random-cluster.ts';
import { createWorld, type Step, step } from '../../../support/random-steps.ts';

/** Everything it serves, with all timestamps. */
function allOf(engine: Engine) {
  const { revision, timestamp } = engine;
  // Includes types that no longer have any.
  const health = [...engine.healthCounts()].flatMap(([type, counts]) =>
    [...counts].filter(([, count]) => count > 0).map(([state, count]) => [`${type} ${state}`, count]),
  );
  return {
    ...{ revision, timestamp, short: engine.completeness(), full: engine.completeness('full') },
    ...graphOf(engine),
    health: Object.fromEntries(health),
    since: engine.outOfStepSince(),
    keys: [...engine.keys()].sort((a, b) => (a.key < b.key ? -1 : 1)),
  };
}

/** A master whose clock advances with each step. */
function createMaster(limit = noLimit) {
  let now = Date.parse('2026-01-01T00:00:00.000Z');
  const graph = createGraph(() => now, { limit });
  graph.engine.changes.record();
  const world = createWorld(graph);
  const run = (steps: readonly Step[]) => {
    for (const each of steps) {
      now += 1000;
      world.run(each);
    }
  };
  return { ...graph, run };
}

type Master = ReturnType<typeof createMaster>;

async function keyframeOf(master: Master, meanwhile: readonly Step[] = []) {
  const memory = createMemoryLog({ ...master, slice: 2 });
  let rest = [...meanwhile];
  await memory.keyframe(() => {
    master.run(rest.slice(0, 2));
    rest = rest.slice(2);
  });
  master.run(rest);
  return memory;
}

function pod(name: string, namespace = 'n1') {
  return { metadata: { name, namespace, uid: `uid-${name}` }, spec: { nodeName: 'a', containers: [{ name: 'main' }] } };
}

function put(master: Master, ...names: string[]): void {
  for (const name of names) master.store.sinkOf(kindNamed('Pod')).event('ADDED', pod(name));
}

describe('a replica', () => {
  test('holds what its master holds, every moment of change included, whenever the keyframe was taken', async () => {
    const some = fc.array(step, { maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(some, some, some, async (before, meanwhile, after) => {
        const master = createMaster();
        master.run(before);
        const { messages } = await keyframeOf(master, meanwhile);
        master.run(after);
        const replica = createTestReplica();
        for (const message of messages) expect(await replica.receive(message)).toBe('taken');
        expect(allOf(replica.served?.target.engine as Engine)).toEqual(allOf(master.engine));
      }),
      { numRuns: 60 },
    );
  });

  test('made of a snapshot that another replica wrote while it went on follows the same log', async () => {
    const some = fc.array(step, { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(some, some, some, async (before, meanwhile, after) => {
        const master = createMaster();
        master.run(before);
        const { messages } = await keyframeOf(master);
        const first = createTestReplica();
        for (const message of messages) await first.receive(message);
        const { served } = first;
        if (!served) throw new Error('the replica serves nothing');
        const { engine, mirror } = served.target;
        const snapshot = createMemoryLog({ engine, mirror, epoch: 'other', term: 'other' });
        let from = messages.length;
        master.run(meanwhile);
        await snapshot.keyframe(async () => undefined);
        for (; from < messages.length; from++) await first.receive(messages[from] as LogMessage);
        snapshot.log.close();
        // Changes after the complete keyframe are not part of it.
        const end = snapshot.messages.length;
        const second = createTestReplica();
        const next = first.place as NonNullable<typeof first.place>;
        expect(await second.restore(iterate(snapshot.messages.slice(0, end)), next)).toBe(true);
        master.run(after);
        for (const message of messages.slice(from)) {
          await first.receive(message);
          await second.receive(message);
        }
        expect(allOf(second.served?.target.engine as Engine)).toEqual(allOf(master.engine));
        expect(allOf(first.served?.target.engine as Engine)).toEqual(allOf(master.engine));
      }),
      { numRuns: 30 },
    );
  });

  test('follows limits of relations, rules and kinds that change', async () => {
    const limit = { ...noLimit, closed: false };
    const master = createMaster(limit);
    put(master, 'a', 'b');
    master.store
      .sinkOf(kindNamed('ReplicationController'))
      .event('ADDED', { metadata: { name: 'c', namespace: 'n1', uid: 'u' }, spec: { selector: { app: 'x' } } });
    const kinds = new Map([['Pod', kindNamed('Pod')]]);
    const memory = createMemoryLog({ ...master, limit, kinds });
    await memory.keyframe();
    Object.assign(limit, { selected: 0, closed: true });
    master.engine.transact(() => {});
    kinds.set('Service', kindNamed('Service'));
    put(master, 'd');
    const replica = createTestReplica();
    for (const message of memory.messages) await replica.receive(message);
    const target = replica.served?.target;
    expect(allOf(target?.engine as Engine)).toEqual(allOf(master.engine));
    expect([...(target?.kinds.keys() ?? [])]).toEqual(['Pod', 'Service']);
  });

  test('takes messages in parts, however small', async () => {
    const master = createMaster();
    put(master, 'a', 'b');
    const memory = createMemoryLog({ ...master, most: 97 });
    await memory.keyframe();
    put(master, 'c');
    expect(memory.messages.length).toBeGreaterThan(20);
    const replica = createTestReplica();
    for (const message of memory.messages) expect(await replica.receive(message)).toBe('taken');
    expect(allOf(replica.served?.target.engine as Engine)).toEqual(allOf(master.engine));
  });

  test('serves on what it had when a message is missed, says since when it is stale, and is whole again with a keyframe', async () => {
    const master = createMaster();
    put(master, 'a');
    const { messages } = await keyframeOf(master);
    let now = 1_000_000;
    const replica = createTestReplica(() => now);
    for (const message of messages) await replica.receive(message);
    const then = allOf(replica.served?.target.engine as Engine);
    expect(replica.standing()).toMatchObject({ state: 'following', hole: false, staleSince: undefined });
    put(master, 'b', 'c');
    now += 1000;
    expect(await replica.receive(messages.at(-1) as LogMessage)).toBe('hole');
    expect(allOf(replica.served?.target.engine as Engine)).toEqual(then);
    expect(replica.standing()).toMatchObject({ state: 'stale', hole: true, staleSince: '1970-01-01T00:16:40.000Z' });
    const again = createMemoryLog({ ...master, term: '2' });
    await again.keyframe();
    for (const message of again.messages) expect(await replica.receive(message)).toBe('taken');
    expect(allOf(replica.served?.target.engine as Engine)).toEqual(allOf(master.engine));
    expect(replica.standing()).toMatchObject({ state: 'following', hole: false });
    expect(replica.counts()).toMatchObject({ holes: 1, resyncs: 1 });
  });

  test('knows a message that it took, and a term that it is not in', async () => {
    const master = createMaster();
    const { messages } = await keyframeOf(master);
    const replica = createTestReplica();
    expect(await replica.receive(messages.at(-1) as LogMessage)).toBe('hole');
    for (const message of messages) await replica.receive(message);
    expect(await replica.receive(messages.at(-1) as LogMessage)).toBe('known');
    expect(await replica.receive(messages[0] as LogMessage)).toBe('known');
    expect(await replica.receive({ ...(messages.at(-1) as LogMessage), epoch: 'e2' })).toBe('hole');
  });

  test('is stale when it hears nothing for three beats, or that the master has ended', async () => {
    const master = createMaster();
    const { messages } = await keyframeOf(master);
    let now = 1_000_000;
    const replica = createTestReplica(() => now);
    expect(replica.standing()).toMatchObject({ state: 'empty', lag: undefined });
    for (const message of messages) await replica.receive(message);
    now += beatPeriod * 3;
    expect(replica.standing().state).toBe('following');
    // The clock has fractions of a millisecond; an answer has not.
    now += 1.25;
    expect(replica.standing()).toMatchObject({ state: 'stale', lag: 15_001, staleSince: '1970-01-01T00:16:40.000Z' });
    const { revision } = master.engine;
    const head = { format: 1, epoch: 'e1', term: '1', part: 1, parts: 1, revision, body: new Uint8Array() };
    expect(await replica.receive({ ...head, kind: 'beat', number: messages.length })).toBe('taken');
    expect(replica.standing().state).toBe('following');
    await replica.receive({ ...head, kind: 'end', number: messages.length + 1 });
    expect(replica.standing()).toMatchObject({ state: 'stale', reason: 'the master has ended' });
  });

  test('refuses what it cannot apply, and never serves a term that is not whole', async () => {
    const master = createMaster();
    put(master, 'a');
    const { messages } = await keyframeOf(master);
    const last = messages.at(-1) as LogMessage;
    const hostile: readonly LogMessage[] = [
      { ...last, body: Buffer.from('not zstd') },
      { ...last, format: 3 },
      { ...last, format: 0 },
      { ...last, part: 2, parts: 3 },
      { ...last, revision: -1 },
      { ...last, epoch: '../x' },
    ];
    for (const message of hostile) {
      const replica = createTestReplica();
      for (const each of messages.slice(0, -1)) await replica.receive(each);
      expect(await replica.receive(message)).toBe('hole');
      expect(replica.served).toBeUndefined();
      expect(replica.standing()).toMatchObject({ state: 'empty', hole: true });
    }
  });

  test('refuses text that would say something of its own in answers, and lines without an end', async () => {
    const master = createMaster();
    put(master, 'a');
    const { messages } = await keyframeOf(master);
    const last = messages.at(-1) as LogMessage;
    const head = { id: 'Pod:n1/b', type: 'Pod', namespace: 'n1', name: 'b', label: 'b', references: [] };
    const line = (more: object = {}) => JSON.stringify({ put: { ...head, ...more } });
    const [slice, at] = [`{"slice":"2026-01-01T00:00:00.000Z"}\n`, '2026-01-01T00:00:00.000Z'];
    const forged = '"},"annotations":{"label":"b"}},{"id":"Pod:n1/c';
    const hostile: readonly (string | Buffer)[] = [
      `${line()}\n{}},{"id":"Pod:n1/c"\n${slice}`,
      `${line()}\n[]\n${slice}`,
      `${line()}\n"text"\n${slice}`,
      `${line()}\n{"a":1\n${slice}`,
      `${line()}\n\n${slice}`,
      `${line({ properties: '{"a":\n1}}' })}\n${slice}`,
      Buffer.concat([Buffer.from(`${line()}\n{"a":"`), Buffer.from([0xff, 0xc0]), Buffer.from(`"}\n${slice}`)]),
      `${line({ stamp: forged })}\n{}\n${slice}`,
      `${JSON.stringify({ stamps: { id: 'Pod:n1/a', resource: forged } })}\n${slice}`,
      `${JSON.stringify({ stamps: { id: 'Pod:n1/a', relations: [at, forged] } })}\n${slice}`,
      `{"slice":"${at}"}`,
      `{"slice":"${at}"} `,
    ];
    for (const text of hostile) {
      const replica = createTestReplica();
      for (const each of messages.slice(0, -1)) await replica.receive(each);
      expect(await replica.receive({ ...last, body: zstdCompressSync(text) }), String(text)).toBe('hole');
    }
    const replica = createTestReplica();
    for (const each of messages.slice(0, -1)) await replica.receive(each);
    const good = `${line({ stamp: at })}\n{"é":"ü"}\n${slice}`;
    expect(await replica.receive({ ...last, body: zstdCompressSync(good) })).toBe('taken');
  });

  test('what is put once more as it was is not told again; what differs in anything is', async () => {
    const master = createMaster();
    put(master, 'a');
    const memory = await keyframeOf(master);
    const told = (change: (object: ReturnType<typeof pod>) => object) => {
      const from = memory.messages.length;
      master.store.sinkOf(kindNamed('Pod')).event('MODIFIED', change(pod('a')) as never);
      const lines = memory.messages.slice(from).flatMap(({ body }) => zstdDecompressSync(body).toString().split('\n'));
      return lines.flatMap((each) => {
        if (each.startsWith('{"put"')) return [JSON.parse(each).put.id];
        return each.startsWith('{"renew"') ? [`renewed ${JSON.parse(each).renew.id}`] : [];
      });
    };
    const [ofPod, ofContainer] = ['Pod:n1/a', 'Container:n1/a/main'];
    const versioned = (object: ReturnType<typeof pod>, resourceVersion: string) => ({
      ...object,
      metadata: { ...object.metadata, resourceVersion },
    });
    expect(told((object) => object)).toEqual([]);
    expect(told((object) => ({ ...object, status: { phase: 'Running' } }))).toContain(ofPod);
    const running = (object: ReturnType<typeof pod>) => ({ ...object, status: { phase: 'Running' } }) as typeof object;
    for (const version of ['7', '8'])
      expect(told((object) => versioned(running(object), version))).toEqual([`renewed ${ofPod}`]);
    const image = { name: 'main', image: 'redis' };
    expect(told((object) => ({ ...object, spec: { ...object.spec, containers: [image] } }))).toContain(
      `renewed ${ofContainer}`,
    );
  });

  test('what states what it stated is told by its properties alone, and a copy with a history or a restricted caller has all of it', async () => {
    const master = createMaster();
    put(master, 'a', 'b');
    const memory = await keyframeOf(master);
    const replica = createTestReplica();
    for (const message of memory.messages) await replica.receive(message);
    const followed: Told[] = [];
    const target = replica.served?.target as ReplicaGraph;
    const leave = target.mirror.follow((told) => followed.push(...told));
    const from = memory.messages.length;
    const seen = (name: string, value: string) => ({
      ...pod(name),
      metadata: { ...pod(name).metadata, annotations: { seen: value }, resourceVersion: value },
    });
    const tell = (name: string, value: string) =>
      master.store.sinkOf(kindNamed('Pod')).event('MODIFIED', seen(name, value));
    for (const value of ['1', 'a "quoted" one', 'ü\n']) tell('a', value);
    master.engine.transact(() => {
      tell('b', '1');
      tell('b', '2');
    });
    master.store.sinkOf(kindNamed('Pod')).event('DELETED', pod('b'));
    const lines = memory.messages.slice(from).map(({ body }) => zstdDecompressSync(body).toString());
    expect(lines.map((text) => text.match(/^\{"(renew|put|remove)/gm)?.map((each) => each.slice(2)))).toEqual([
      ['renew'],
      ['renew'],
      ['renew'],
      // Twice in one transaction: the second may differ from what was there before in anything.
      ['renew', 'put', 'put'],
      ['remove', 'remove'],
    ]);
    for (const message of memory.messages.slice(from)) expect(await replica.receive(message)).toBe('taken');
    leave();
    expect(allOf(target.engine)).toEqual(allOf(master.engine));
    const told = followed.flatMap((each) => (each.what === 'put' ? [each] : []));
    expect(told.map(({ item, steady }) => [item.id, steady === true])).toEqual([
      ['Pod:n1/a', true],
      ['Pod:n1/a', true],
      ['Pod:n1/a', true],
      ['Pod:n1/b', true],
      ['Pod:n1/b', false],
      ['Container:n1/b/main', false],
    ]);
    expect(told.every(({ item: { id, references } }) => references.length > 0 || id.startsWith('Container:'))).toBe(
      true,
    );
  });

  test('how many references of an object are cut is told with it, though it states what it stated', async () => {
    const limit = { ...noLimit, ofOneObject: 2 };
    const master = createMaster(limit);
    const memory = createMemoryLog({ ...master, limit });
    await memory.keyframe();
    const names = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `c${i}` }));
    const say = (count: number) =>
      master.store.sinkOf(kindNamed('Pod')).event('MODIFIED', {
        ...pod('a'),
        spec: { nodeName: 'a', containers: [], imagePullSecrets: names(count) },
      });
    for (const count of [0, 5, 9, 9, 4, 1]) {
      say(count);
      const replica = createTestReplica();
      for (const message of memory.messages) await replica.receive(message);
      expect(allOf(replica.served?.target.engine as Engine)).toEqual(allOf(master.engine));
    }
  });

  test('a change of something that was never told is a hole', async () => {
    const master = createMaster();
    put(master, 'a');
    const { messages } = await keyframeOf(master);
    const [slice, last] = [`{"slice":"2026-01-01T00:00:00.000Z"}\n`, messages.at(-1) as LogMessage];
    const hostile = [
      `{"renew":{"id":"Pod:n1/b"}}\n{}\n${slice}`,
      `{"renew":{"id":"Node:a"}}\n{}\n${slice}`,
      `{"renew":{"id":["Pod:n1/a"]}}\n{}\n${slice}`,
      `{"renew":{"id":"Pod:n1/a"}}\n[]\n${slice}`,
      `{"renew":{"id":"Pod:n1/a"}}\n{"a":1\n${slice}`,
      `{"renew":{"id":"__proto__"}}\n{}\n${slice}`,
      `{"renew":null}\n${slice}`,
    ];
    for (const text of hostile) {
      const replica = createTestReplica();
      for (const each of messages.slice(0, -1)) await replica.receive(each);
      expect(await replica.receive({ ...last, body: zstdCompressSync(text) }), text).toBe('hole');
    }
  });

  test('a master that is at another revision than the copy came to is a hole', async () => {
    const master = createMaster();
    const { messages } = await keyframeOf(master);
    const replica = createTestReplica();
    for (const message of messages) await replica.receive(message);
    const head = { format: 1, kind: 'beat', epoch: 'e1', term: '1', part: 1, parts: 1 } as const;
    const beat = { ...head, number: messages.length, revision: master.engine.revision + 1, body: new Uint8Array() };
    expect(await replica.receive(beat)).toBe('hole');
  });

  test('a snapshot that ends before its keyframe is refused', async () => {
    const master = createMaster();
    put(master, 'a');
    const { messages } = await keyframeOf(master);
    const replica = createTestReplica();
    const next = { epoch: 'e1', term: '1', number: messages.length };
    expect(await replica.restore(iterate(messages.slice(0, -1)), next)).toBe(false);
    expect(replica.served).toBeUndefined();
    expect(await replica.restore(iterate(messages), next)).toBe(true);
    expect(allOf(replica.served?.target.engine as Engine)).toEqual(allOf(master.engine));
  });
});

async function* iterate<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all;
}
