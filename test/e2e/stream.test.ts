// Masters and replicas over real NATS servers, while some of them fail.
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, type TestContext, test } from 'vitest';
import type { MessageHead } from '../../master/graph/replication/messages.ts';
import { connectToNats } from '../../master/stream/connection.ts';
import { parseHead } from '../../master/stream/head.ts';
import { setHeaders } from '../../master/stream/message-headers.ts';
import { streamNames } from '../../master/stream/names.ts';
import { eventually } from '../support/engines/daemon.ts';
import {
  becomesSame,
  configOf,
  type FleetMaster,
  type FleetMasterOptions,
  startFleetMaster,
  startFleetReplica,
} from '../support/fleet.ts';
import { natsServer, startNats } from '../support/nats-servers.ts';

const program = natsServer();

/** What one test opens. It is closed at the end of that test, the last first: others run beside it. */
function opening(onTestFinished: TestContext['onTestFinished']) {
  const opened: { close(): Promise<void> }[] = [];
  onTestFinished(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });
  const open = <T extends { close(): Promise<void> }>(one: T): T => {
    opened.push(one);
    return one;
  };
  return {
    open,
    servers: async (count: 1 | 3) => open(await startNats(program ?? '', count)),
    master: (options: FleetMasterOptions): FleetMaster => open(startFleetMaster(options)),
    replicaOf: async (stream: readonly string[]) => open(await startFleetReplica(stream)),
  };
}

const publishing = (one: FleetMaster) =>
  eventually(
    'the master to publish',
    30_000,
    () => one.publisher.state === 'publishing' && one.publisher.counts().messages > 0,
  );

describe.skipIf(program === undefined)('over one server', () => {
  test.concurrent('replicas equal their master, late ones begin from a snapshot, and all report when it has ended', async ({
    onTestFinished,
  }) => {
    const { servers, master, replicaOf } = opening(onTestFinished);
    const { stream } = await servers(1);
    const told = master({ stream });
    told.put('a', 'b', 'c');
    const first = await replicaOf(stream);
    await becomesSame(first, told);
    await told.churn(50, 1);
    await becomesSame(first, told);
    await first.keeper.look();
    told.put('d');
    const late = await replicaOf(stream);
    await becomesSame(late, told);
    expect(late.server.member('test').replica.counts()).toMatchObject({ snapshots: 1, holes: 0 });
    expect(first.server.member('test').replica.counts()).toMatchObject({ holes: 0, resyncs: 0 });
    await told.publisher.close();
    await eventually(
      'the end to be told',
      20_000,
      () => late.server.member('test').replica.standing().state === 'stale',
    );
    const answer = await fetch(`${late.url}/cluster`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-cluster-insight-stale-since')).toMatch(/^20/);
    await becomesSame(late, told);
  });

  test('ten replicas equal their master while it changes', async ({ onTestFinished }) => {
    const { servers, master, replicaOf } = opening(onTestFinished);
    const { stream } = await servers(1);
    const told = master({ stream });
    told.put('a', 'b');
    const replicas = await Promise.all(Array.from({ length: 10 }, () => replicaOf(stream)));
    await told.churn(100, 2);
    await Promise.all(replicas.map((replica) => becomesSame(replica, told)));
    expect(replicas.map(({ server }) => server.member('test').replica.counts().holes)).toEqual(Array(10).fill(0));
  });

  test.concurrent('a change that is too large for one message is sent in parts', async ({ onTestFinished }) => {
    const { servers, master, replicaOf } = opening(onTestFinished);
    const { stream } = await servers(1);
    const told = master({ stream, mostBytes: 500 });
    told.engine.transact(() => told.put(...Array.from({ length: 300 }, (_, i) => `pod-${i}`)));
    const replica = await replicaOf(stream);
    await becomesSame(replica, told);
    expect(told.publisher.counts().messages).toBeGreaterThan(10);
  });

  test.concurrent('a killed server costs only time, and messages lost with it are published again', async ({
    onTestFinished,
  }) => {
    const { servers, master, replicaOf } = opening(onTestFinished);
    const { stream, all } = await servers(1);
    const told = master({ stream });
    told.put('a');
    const replica = await replicaOf(stream);
    await becomesSame(replica, told);
    await all[0]?.kill();
    await told.churn(20, 1);
    await all[0]?.start();
    await becomesSame(replica, told);
    await all[0]?.kill();
    all[0]?.wipe();
    told.put('b');
    await all[0]?.start();
    await becomesSame(replica, told);
    expect(replica.server.member('test').replica.counts().resyncs).toBeGreaterThan(0);
  });

  test('of two masters of a cluster the newer one publishes; the other stands by and continues when it is gone', async ({
    onTestFinished,
  }) => {
    const { servers, master, replicaOf } = opening(onTestFinished);
    const { stream } = await servers(1);
    const first = master({ stream });
    first.put('a');
    const replica = await replicaOf(stream);
    await becomesSame(replica, first);
    const second = master({ stream });
    second.put('a', 'b');
    await becomesSame(replica, second);
    first.put('x');
    await eventually('the first to stand by', 20_000, () => first.publisher.state === 'standing-by');
    second.put('c');
    await becomesSame(replica, second);
    await second.publisher.close();
    await becomesSame(replica, first);
    expect(first.publisher.counts().fenced).toBeGreaterThan(0);
  });

  test.concurrent('a log that accepted nothing for too long is sent everything again', async ({ onTestFinished }) => {
    const { servers, master, replicaOf } = opening(onTestFinished);
    const { stream, all } = await servers(1);
    const told = master({ stream, settings: ['--stream-buffer', '200Ki'] });
    told.put('a');
    const replica = await replicaOf(stream);
    await becomesSame(replica, told);
    await all[0]?.stop();
    await told.churn(400, 0);
    await all[0]?.start();
    await becomesSame(replica, told);
    expect(told.publisher.counts().terms).toBeGreaterThan(1);
  });

  test.concurrent('a replica that was away for longer than the log is kept begins from a keyframe', async ({
    onTestFinished,
  }) => {
    const { servers, master, replicaOf } = opening(onTestFinished);
    const { stream } = await servers(1);
    const told = master({ stream, settings: ['--stream-size', '64Ki'] });
    told.put('a');
    await publishing(told);
    const first = await replicaOf(stream);
    await becomesSame(first, told);
    await told.churn(300, 1);
    await becomesSame(first, told);
    // The log's beginning is gone and there is no snapshot: a keyframe is requested from the master.
    const late = await replicaOf(stream);
    await becomesSame(late, told);
    await becomesSame(first, told);
    expect(late.server.member('test').replica.standing()).toMatchObject({ state: 'following', hole: false });
  });
});

describe.skipIf(program === undefined)('a stranger who may publish', () => {
  test.concurrent('costs a keyframe with messages of any kind, and nothing with a snapshot that is none', async ({
    onTestFinished,
  }) => {
    const { servers, master, replicaOf, open } = opening(onTestFinished);
    const { stream } = await servers(1);
    const told = master({ stream, times: { takeover: 500 } });
    told.put('a');
    const replica = await replicaOf(stream);
    await becomesSame(replica, told);
    const names = streamNames('test');
    const stranger = open(await connectToNats(configOf(stream), 'a stranger'));
    const place = replica.server.member('test').replica.place;
    const head = { ...place, format: 2, kind: 'log', part: 1, parts: 1, revision: 1, number: 0 } as const;
    const forged = [
      [{ ...head, kind: 'begin', epoch: 'ffffffff', term: 'x' }, Buffer.from('not zstd')],
      [{ ...head, ...place }, zstdCompressSync(Buffer.alloc(64 << 20))],
      [{ ...head, number: Number.MAX_SAFE_INTEGER, parts: 2 }, Buffer.alloc(1)],
      [{ ...head, epoch: 'ci.*.>', term: '\u00e9' }, Buffer.alloc(0)],
    ] as const;
    for (const [said, body] of forged)
      await stranger.js.publish(names.subject, body, { headers: setHeaders(stranger.headers(), said as MessageHead) });
    await stranger.js.publish(names.subject, 'hello');
    told.put('b');
    await becomesSame(replica, told);
    expect(replica.server.member('test').replica.counts().holes).toBeGreaterThan(0);
    await replica.keeper.look();
    const kv = await stranger.heads();
    const { snapshot } = parseHead((await kv.get(names.head))?.string() ?? '') ?? {};
    const objects = await stranger.objects(names.snapshots);
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(9, 0xff)]) {
      await objects.putBlob({ name: snapshot?.object ?? '' }, bytes);
      const late = await replicaOf(stream);
      await becomesSame(late, told);
      expect(late.server.member('test').replica.counts().snapshots).toBe(0);
    }
  });
});

describe.skipIf(program === undefined)('over three servers', () => {
  test.concurrent('any of them may be killed, and all of them, while changes go on: nothing is lost, twice or out of order', async ({
    onTestFinished,
  }) => {
    const { servers, master, replicaOf } = opening(onTestFinished);
    const { stream, all } = await servers(3);
    const told = master({ stream });
    told.put('a');
    const replica = await replicaOf(stream);
    await becomesSame(replica, told);
    for (const server of all) {
      const churn = told.churn(40, 5);
      await server.kill();
      await churn;
      await server.start();
      await becomesSame(replica, told);
    }
    await Promise.all(all.map((server) => server.kill()));
    await told.churn(10, 1);
    await Promise.all(all.map((server) => server.start()));
    await becomesSame(replica, told);
    expect(replica.server.member('test').replica.counts()).toMatchObject({ holes: 0 });
  });

  test.concurrent('a disconnected replica serves its last graph, says since when, and continues from there', async ({
    onTestFinished,
  }) => {
    const { servers, master, replicaOf } = opening(onTestFinished);
    const { stream, all } = await servers(3);
    const told = master({ stream: stream.slice(0, 2) });
    told.put('a');
    const replica = await replicaOf(stream.slice(2));
    await becomesSame(replica, told);
    all[2]?.pause();
    await told.churn(20, 5);
    all[2]?.proceed();
    await becomesSame(replica, told);
    expect(replica.server.member('test').replica.counts()).toMatchObject({ holes: 0, resyncs: 0 });
  });
});
