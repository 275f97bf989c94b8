// What is longer than a log may be: a line, a transaction, a pack, its parts. It costs a keyframe, and what is served goes on.
import { randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type LogMessage, mostBytes, pack, Unpacker } from '../../../../master/graph/replication/messages.ts';
import { Replica } from '../../../../master/graph/replication/replica.ts';
import { createRetention } from '../../../../master/graph/revisions/retention.ts';
import { ReplicaGraph } from '../../../../master/replica/replica-graph.ts';
import { runSteps } from '../../../../master/replica/run-steps.ts';
import type { MonotonicTime } from '../../../../src/clock.ts';
import { createMemoryLog } from '../../../support/input-logs.ts';
import { createGraph, kindNamed } from '../../../support/random-cluster.ts';

function createMaster() {
  let now = Date.parse('2026-01-01T00:00:00.000Z');
  const graph = createGraph(() => (now += 1000));
  graph.engine.changes.record();
  const put = (...names: string[]) => {
    for (const name of names)
      graph.store.sinkOf(kindNamed('Pod')).event('ADDED', {
        metadata: { name, namespace: 'shop', uid: name, annotations: { noise: randomBytes(300).toString('hex') } },
        spec: { containers: [{ name: 'main' }] },
      } as never);
  };
  return { ...graph, put };
}

function createReplica(most?: number) {
  const said: string[] = [];
  const replica = new Replica({
    open: (origin, rules) => new ReplicaGraph({ origin, rules, retention: createRetention() }),
    run: runSteps,
    clock: () => 0 as MonotonicTime,
    now: () => 0,
    logger: { info: () => {}, warn: ((_: object, text: string) => said.push(text)) as never },
    ...(most === undefined ? {} : { mostBytes: most }),
  });
  return { replica, said };
}

async function fed(most?: number) {
  const master = createMaster();
  master.put('a', 'b');
  const memory = createMemoryLog(master);
  await memory.keyframe();
  const { replica, said } = createReplica(most);
  for (const message of memory.messages) expect(await replica.receive(message)).toBe('taken');
  return { master, memory, replica, said };
}

/** What is served stays, and another keyframe is taken. */
async function goesOn(
  { master, replica }: Pick<Awaited<ReturnType<typeof fed>>, 'master' | 'replica'>,
  before: number,
) {
  expect(replica.served?.target.engine.order.size).toBe(before);
  expect(replica.standing()).toMatchObject({ state: 'stale', hole: true });
  const again = createMemoryLog({ ...master, term: '2' });
  await again.keyframe();
  for (const message of again.messages) expect(await replica.receive(message)).toBe('taken');
  expect(replica.standing().state).toBe('following');
  expect(replica.served?.target.engine.revision).toBe(master.engine.revision);
}

/** The next message that the log expects. */
function nextOf(messages: readonly LogMessage[], body: Uint8Array): LogMessage {
  const last = messages.at(-1) as LogMessage;
  return { ...last, number: last.number + 1, part: 1, parts: 1, body };
}

describe('a log', () => {
  test('with a line that is longer than any master writes', async () => {
    const { master, memory, replica, said } = await fed();
    const before = replica.served?.target.engine.order.size ?? 0;
    const line = Buffer.alloc((64 << 20) + 2, 0x61);
    line[line.length - 1] = 0x0a;
    expect(await replica.receive(nextOf(memory.messages, zstdCompressSync(line)))).toBe('hole');
    expect(said.at(-1)).toContain(`a line has more than ${64 << 20} bytes`);
    await goesOn({ master, replica }, before);
  });

  test('with a transaction that is longer than this process has room for, however many messages it has', async () => {
    const { master, memory, replica, said } = await fed(1 << 20);
    const before = replica.served?.target.engine.order.size ?? 0;
    const known = memory.messages.length;
    master.engine.transact(() => master.put(...Array.from({ length: 2_500 }, (_, i) => `pod-${i}`)));
    const verdicts = [];
    for (const message of memory.messages.slice(known)) verdicts.push(await replica.receive(message));
    expect(verdicts).toContain('hole');
    expect(said.join()).toMatch(/a transaction is too long|a message cannot be unpacked/);
    expect(replica.served?.target.engine.order.size).toBe(before);
    expect(replica.standing()).toMatchObject({ state: 'stale', hole: true });
  });

  test('that is as long as it may be is taken', async () => {
    const { master, memory, replica } = await fed(1 << 20);
    const known = memory.messages.length;
    master.engine.transact(() => master.put(...Array.from({ length: 100 }, (_, i) => `pod-${i}`)));
    for (const message of memory.messages.slice(known)) expect(await replica.receive(message)).toBe('taken');
    expect(replica.served?.target.engine.revision).toBe(master.engine.revision);
  });
});

describe('a pack', () => {
  const head = { kind: 'log', epoch: 'e', term: 't', number: 0, revision: 0 } as const;

  test('that is larger unpacked than may be is refused before it is unpacked whole', () => {
    const [message] = pack(head, 'x'.repeat(100_000));
    expect(() => new Unpacker(99_999).take(message as LogMessage)).toThrow('cannot be unpacked');
    expect(new Unpacker(100_000).take(message as LogMessage)).toHaveLength(100_000);
  });

  test('is joined from parts up to a size and a number, and beyond it is refused', () => {
    const part = Buffer.alloc(mostBytes);
    const large = new Unpacker();
    const parts = (64 << 20) / mostBytes + 1;
    for (let i = 1; i < parts; i++) expect(large.take({ part: i, parts, body: part })).toBeUndefined();
    expect(() => large.take({ part: parts, parts, body: part })).toThrow('more than');
    expect(() => new Unpacker().take({ part: 1, parts: 1_025, body: Buffer.alloc(1) })).toThrow('part 1 of 1025');
    expect(new Unpacker().take({ part: 1, parts: 1_024, body: Buffer.alloc(1) })).toBeUndefined();
  });
});
