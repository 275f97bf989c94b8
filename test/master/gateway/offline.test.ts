// Two clusters at one gateway, in virtual time: one is offline for ten minutes of changes and loses nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Finding } from '../../../master/findings/contract.ts';
import { ToldFindings } from '../../../master/findings/told.ts';
import { FindingsReceiver } from '../../../master/gateway/findings-receiver.ts';
import { GraphReceiver } from '../../../master/gateway/graph-receiver.ts';
import { MetricsReceiver } from '../../../master/gateway/metrics-receiver.ts';
import { Positions } from '../../../master/gateway/positions.ts';
import type { ReceivedRecord } from '../../../master/gateway/receiver.ts';
import { Replica } from '../../../master/graph/replication/replica.ts';
import { createRetention } from '../../../master/graph/revisions/retention.ts';
import { ReplicaGraph } from '../../../master/replica/replica-graph.ts';
import { Series } from '../../../master/series/series.ts';
import { FindingsSource } from '../../../master/uplink/findings-source.ts';
import { GraphSource } from '../../../master/uplink/graph-source.ts';
import { MetricsSource } from '../../../master/uplink/metrics-source.ts';
import { silentLogger } from '../../../src/logger.ts';
import { ShippedLog } from '../../../src/shipped-log.ts';
import { LogSource } from '../../../src/uplink/log-source.ts';
import { createTestApp } from '../../support/app.ts';
import { startAgent, TestGateway } from '../../support/gateway-pair.ts';
import { runAll, usualKinds } from '../../support/input-logs.ts';
import { graphOf, kindNamed } from '../../support/random-cluster.ts';
import { stillClock } from '../../support/still-clock.ts';
import { createVirtualTime, type VirtualTime } from '../../support/virtual-time.ts';

const minute = 60_000;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ci-offline-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** The gateway's data of a cluster. */
function ofGateway(time: VirtualTime) {
  const replica = new Replica({
    open: (origin, rules) => new ReplicaGraph({ origin, rules, retention: createRetention() }),
    run: runAll,
    clock: stillClock(time.clock),
    now: time.clock,
    logger: silentLogger,
  });
  const [told, series, lines] = [new ToldFindings(time.clock), new Series(1 << 22), [] as string[]];
  return {
    replica,
    told,
    series,
    lines,
    receivers: {
      graph: new GraphReceiver({ receive: (message) => replica.receive(message), clock: time.clock }),
      findings: new FindingsReceiver(told),
      metrics: new MetricsReceiver(series),
      logs: {
        take({ body }: ReceivedRecord) {
          lines.push(...(body as { lines: { msg: string }[] }).lines.map(({ msg }) => msg));
        },
      },
    },
  };
}

/** A cluster that changes at each call of `live`. */
function ofCluster(time: VirtualTime) {
  const app = createTestApp({ mirrored: true, epoch: 'abcd0123', clock: time.clock, now: time.clock });
  const { engine, mirror, store, engineOptions } = app;
  for (const kind of usualKinds.values()) store.sinkOf(kind).state('synced');
  engine.changes.record();
  const { virtualTypes, createdBy, limit } = engineOptions;
  if (!mirror || !limit) throw new Error('it is mirrored, and limited');
  const [series, log, wrong] = [new Series(1 << 22), new ShippedLog(), new ToldFindings(time.clock)];
  wrong.take({ begins: true, whole: true, found: [], ended: [] });
  const lines: string[] = [];
  let count = 0;
  const live = () => {
    count++;
    const name = `pod-${count % 17}`;
    const metadata = { name, namespace: 'shop', uid: name, resourceVersion: String(count) };
    const pod = { metadata, spec: { containers: [{ name: 'main', image: `image-${count}` }] } };
    store.sinkOf(kindNamed('Pod')).event(count % 5 === 0 ? 'DELETED' : 'MODIFIED', pod as never);
    series.put('Node:n', 'cpu', Math.floor(time.clock() / minute), count);
    lines.push(`line ${count}`);
    log.write(JSON.stringify({ level: 30, time: time.clock(), msg: `line ${count}` }));
    log.flush();
    const id = `f${count % 7}`;
    const found: Finding = {
      ...{ id, name: 'x', class: 'risk' as const, severity: 'low' as const, resource: `Pod:shop/${name}`, type: 'Pod' },
      ...{ sentence: `${count}`, remedy: '', link: '', path: [], affected: { count: 0, first: [] }, since: '' },
    };
    wrong.take(count % 3 === 0 ? { found: [], ended: [id] } : { found: [found], ended: [] });
  };
  const { sleep, clock: wall } = time;
  return {
    ...{ engine, series, wrong, lines, live },
    sources: [
      (publisher: ConstructorParameters<typeof GraphSource>[0]['publisher']) =>
        new GraphSource({
          ...{ publisher, epoch: 'abcd0123', synced: Promise.resolve(), sleep, logger: silentLogger },
          log: { engine, mirror, createdBy, virtualTypes, limit, kinds: usualKinds },
        }),
      (publisher: ConstructorParameters<typeof FindingsSource>[0]['publisher']) =>
        new FindingsSource({ publisher, findings: wrong, sleep, logger: silentLogger }),
      (publisher: ConstructorParameters<typeof MetricsSource>[0]['publisher']) =>
        new MetricsSource({ publisher, series, wall, sleep }),
      (publisher: ConstructorParameters<typeof LogSource>[1]) => new LogSource(log, publisher),
    ],
  };
}

test('ten minutes offline cost a cluster nothing: graph, findings, numbers and log are as if it had been there', async () => {
  const time = createVirtualTime();
  const names = ['east', 'west'] as const;
  const there = { east: ofGateway(time), west: ofGateway(time) };
  const here = { east: ofCluster(time), west: ofCluster(time) };
  const own = Object.fromEntries(
    (['graph', 'findings', 'metrics', 'logs'] as const).map((one) => [
      one,
      (cluster: string) => there[cluster as 'east'].receivers[one],
    ]),
  );
  const gateway = new TestGateway(join(root, 'enrolments'), time, ['hmac-sha512'], own);
  const online = { east: true, west: true };
  const open = async (cluster: 'east' | 'west') => {
    const { secret } = gateway.enrolments.enrol(cluster, 'default');
    const dial = () => {
      if (!online[cluster]) throw new Error('there is no way out');
      return gateway.accept();
    };
    return startAgent({ time, dial, cluster, start: cluster, secret: () => secret, sources: here[cluster].sources });
  };
  const agents = { east: await open('east'), west: await open('west') };
  const pass = async (steps: number) => {
    for (let step = 0; step < steps; step++) {
      for (const name of names) here[name].live();
      await time.advance(5_000);
    }
  };
  await pass(24);
  online.east = false;
  agents.east.pairs.at(-1)?.cut();
  const before = there.east.lines.length;
  await pass(120);
  expect(there.east.lines.length).toBe(before);
  expect(there.west.lines).toEqual(here.west.lines);
  expect(there.east.replica.standing().staleSince).toBeDefined();
  expect(there.west.replica.standing().staleSince).toBeUndefined();
  online.east = true;
  await pass(24);
  await time.advance(2 * minute);
  for (const name of names) {
    const [master, told] = [here[name], there[name]];
    const served = told.replica.served?.target.engine;
    expect(served && { revision: served.revision, ...graphOf(served) }).toEqual({
      revision: master.engine.revision,
      ...graphOf(master.engine),
    });
    expect(told.replica.counts()).toMatchObject({ holes: 0 });
    const byId = (list: Iterable<{ id: string }>) => [...list].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(byId(told.told.all())).toEqual(byId(master.wrong.all()));
    const last = Math.floor(time.clock() / minute) - 2;
    const numbers = (series: Series) => series.values('Node:n', 'cpu', last - 15, last);
    expect(numbers(told.series)).toEqual(numbers(master.series));
    expect(told.lines).toEqual(master.lines);
    const { uplink } = agents[name];
    for (const one of ['graph', 'findings', 'metrics', 'logs'] as const) expect(uplink.lost(one)).toBe(0);
  }
  const ending = Promise.all(names.map((name) => agents[name].uplink.close()));
  for (let i = 0; i < 50; i++) await time.advance(100);
  await ending;
});

test('a gateway that ended in order knows how far it took a log, and so does another one of its name', async () => {
  const time = createVirtualTime();
  const folder = join(root, 'enrolments');
  const made = (own: { lines: unknown[]; slow?: boolean }) => {
    const logs = () => ({ take: ({ body }: ReceivedRecord) => void own.lines.push(body) });
    return new TestGateway(folder, time, ['hmac-sha512'], { logs }, new Positions(folder, silentLogger));
  };
  const [one, other]: { lines: unknown[] }[] = [{ lines: [] }, { lines: [] }];
  if (!one || !other) throw new Error('two');
  let gateway = made(one);
  const { secret } = gateway.enrolments.enrol('east', 'default');
  let deaf = true;
  const dial = () => {
    const pair = gateway.accept();
    const listen = pair.agent.listen.bind(pair.agent);
    // Acknowledgements of the first gateway get lost.
    pair.agent.listen = (events) =>
      listen({ ...events, message: (text) => void ((deaf && text.includes('"ack"')) || events.message(text)) });
    return pair;
  };
  const { uplink } = await startAgent({ time, secret: () => secret, dial });
  for (const line of ['a', 'b', 'c']) await uplink.publish('logs', line);
  await uplink.publish('metrics', { minute: 1 });
  await time.advance(1_000);
  expect(one.lines).toEqual(['a', 'b', 'c']);
  await gateway.agents.close();
  deaf = false;
  gateway = made(other);
  await uplink.publish('logs', 'd');
  await time.advance(minute);
  expect(other.lines).toEqual(['d']);
  // Data that lives in memory only arrives again.
  expect(gateway.bodies('metrics')).toEqual([{ minute: 1 }]);
  expect(gateway.agents.of('east')?.status.holes).toBe(0);
  const ending = uplink.close();
  for (let i = 0; i < 50; i++) await time.advance(100);
  await ending;
});
