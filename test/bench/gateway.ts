// The cost of a gateway with a thousand idle agents, and one that sends a thousand changes a second. The gateway is a separate
// process; the agents are in this one and use the uplink's code.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Enrolments } from '../../master/gateway/enrolments.ts';
import { GraphSource } from '../../master/uplink/graph-source.ts';
import { sleep } from '../../src/backoff.ts';
import { monotonicClock } from '../../src/clock.ts';
import { silentLogger } from '../../src/logger.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { Commands } from '../../src/uplink/commands.ts';
import { createDial } from '../../src/uplink/dial.ts';
import type { OpenSource, Publisher } from '../../src/uplink/source.ts';
import { headLength } from '../../src/uplink/spool/record-format.ts';
import { Spool } from '../../src/uplink/spool/spool.ts';
import { Uplink } from '../../src/uplink/uplink.ts';
import { createTestApp } from '../support/app.ts';
import { usualKinds } from '../support/input-logs.ts';
import { type Program, startProgram } from '../support/program.ts';
import { kindNamed } from '../support/random-cluster.ts';
import { createVirtualTime } from '../support/virtual-time.ts';
import { type Generated, generate } from './generate.ts';
import { cpuOf, memoryOf } from './processes.ts';
import { sizeOf } from './sizes.ts';
import { mib, type Row } from './table.ts';

const perSecond = 1_000;
const pods = 1_000;
const idleTarget = 1 << 20;

export interface GatewayLoad {
  readonly agents: number;
  readonly seconds: number;
}

export async function gatewayRows({ agents, seconds }: GatewayLoad): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-insight-bench-gateway-'));
  const gateway = await startProgram({
    args: ['gateway', '--enrolments', folder, '--history', 'off'],
    ...(process.env['EXTRA'] ? { env: JSON.parse(process.env['EXTRA']) } : {}),
  });
  const opened: { close(): Promise<void> }[] = [];
  try {
    const enrolments = new Enrolments(folder);
    const pid = gateway.child.pid ?? 0;
    const before = memoryOf(pid).resident;
    for (let i = 0; i < agents; i++) opened.push(await openAgent(enrolments, `idle-${i}`, gateway, []));
    await delay(5_000);
    const each = (memoryOf(pid).resident - before) / agents;
    const master = createMaster();
    const busy = await openAgent(enrolments, 'busy', gateway, [(publisher) => master.source(publisher)]);
    opened.push(busy);
    await delay(5_000);
    const first = cpuOf(pid);
    const changes = await change(master.put, seconds);
    const used = (cpuOf(pid) - first) / 1_000 / seconds;
    await delay(1_000);
    const answer = await (await fetch(`${gateway.url}/clusters`)).text();
    const told = (JSON.parse(answer) as { clusters: { name: string; revision?: number }[] }).clusters;
    const behind = master.revision() - (told.find(({ name }) => name === 'busy')?.revision ?? 0);
    const all = await othersRow({ enrolments, gateway, pid, opened, put: master.put, seconds });
    return [
      {
        figure: `gateway: memory of one of ${agents} idle agents`,
        target: `≤ ${mib(idleTarget)}`,
        measured: `${Math.round(each / 1024)} KiB`,
        yardstick: `gateway without agents ${mib(before)}`,
        ratio: each / idleTarget,
        met: each <= idleTarget,
      },
      {
        figure: `gateway: processor, ${agents} idle agents and one with ${Math.round(changes / seconds)} changes/s`,
        target: '≤ 20 % of a core',
        measured: `${(used * 100).toFixed(1)} %`,
        yardstick: `${behind} revisions behind a second later`,
        ratio: used / 0.2,
        met: used <= 0.2 && behind === 0,
      },
      all,
      await hourRow(),
    ];
  } finally {
    await Promise.all(opened.map((one) => one.close()));
    await gateway.end();
    rmSync(folder, { recursive: true });
  }
}

async function openAgent(
  enrolments: Enrolments,
  cluster: string,
  gateway: Program,
  sources: readonly OpenSource[],
  mode = 'master',
): Promise<Uplink> {
  const { secret } = enrolments.enrol(cluster, 'default');
  const about = { clock: monotonicClock, wall: Date.now, logger: silentLogger };
  const spool = await Spool.open({ ...about, cluster, mostBytes: 64 << 20 });
  const uplink = new Uplink({
    ...about,
    who: { account: 'default', cluster, start: `${cluster} ${mode}`, mode, version: 'bench' },
    schemes: ['hmac-sha512'],
    secret: () => Buffer.from(secret),
    spool,
    dial: createDial({ url: gateway.url.replace(/^http/, 'ws'), caFile: undefined }),
    commands: new Commands({}),
    sources,
    sleep,
  });
  uplink.start();
  while (uplink.status.state !== 'connected') await delay(2);
  return uplink;
}

interface Others {
  readonly enrolments: Enrolments;
  readonly gateway: Program;
  readonly pid: number;
  readonly opened: { close(): Promise<void> }[];
  readonly put: (i: number) => void;
  readonly seconds: number;
}

/** Per agent and second, besides its changes: more than a cluster of census' size has. */
const others = { findings: 20, numbers: 500, lines: 50, actions: 5 };

/** The additional cost of the other message classes: findings, metrics, log lines and actions. */
async function othersRow({ enrolments, gateway, pid, opened, put, seconds }: Others): Promise<Row> {
  const publishers: Publisher[] = [];
  const source: OpenSource = (publisher) => {
    publishers.push(publisher);
    return { name: 'others', close: async () => {} };
  };
  for (const mode of ['master', 'actor']) opened.push(await openAgent(enrolments, 'talker', gateway, [source], mode));
  const [ofMaster, ofActor] = publishers as [Publisher, Publisher];
  let second = 0;
  const talk = setInterval(() => {
    second++;
    void ofMaster.publish('findings', findingsOf(second));
    void ofMaster.publish('metrics', numbersOf(second));
    void ofMaster.publish('logs', { lines: linesOf(second), lost: 0 });
    for (const action of actionsOf(second)) void ofActor.publish('actions', { action });
  }, 1_000);
  const first = cpuOf(pid);
  const changes = await change(put, seconds);
  clearInterval(talk);
  const used = (cpuOf(pid) - first) / 1_000 / seconds;
  const told = Object.entries(others).map(([name, count]) => `${count} ${name}`);
  return {
    figure: `gateway: processor, ${Math.round(changes / seconds)} changes/s and ${told.join(', ')} a second besides`,
    target: '≤ 20 % of a core',
    measured: `${(used * 100).toFixed(1)} %`,
    yardstick: '–',
    ratio: used / 0.2,
    met: used <= 0.2,
  };
}

const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));

function findingsOf(second: number) {
  const found = times(others.findings, (i) => ({
    ...{ id: `f${second}-${i}`, name: 'reference-missing', class: 'broken', severity: 'high', type: 'Pod' },
    ...{ resource: `Pod:ns-1/pod-${i}`, namespace: 'ns-1', sentence: 'It names what is not there', remedy: 'Make it' },
    ...{ link: 'https://example.com', path: [], affected: { count: 0, first: [] }, since: new Date().toISOString() },
  }));
  return {
    ...(second === 1 ? { begins: true, whole: true } : {}),
    found,
    ended: times(others.findings, (i) => `f${second - 2}-${i}`),
  };
}

function numbersOf(second: number) {
  const resources = times(others.numbers, (i) => [`Container:ns-1/pod-${i}/main`, [0, second + i, 1, i * 1e6]]);
  return { minute: Math.floor(Date.now() / 60_000), families: ['cpu', 'memory'], resources };
}

function linesOf(second: number) {
  return times(others.lines, (i) => ({
    level: 30,
    time: Date.now(),
    msg: `line ${i} of second ${second}`,
    of: 'bench',
  }));
}

function actionsOf(second: number) {
  const at = new Date().toISOString();
  return times(others.actions, (i) => ({
    ...{ id: `a${second}-${i}`, state: 'executed', at, proposed: { by: 'bench', at } },
    action: { action: 'restart', target: { kind: 'Deployment', namespace: 'ns-1', name: `web-${i}` } },
  }));
}

function createMaster(clock: () => number = Date.now) {
  const { engine, mirror, store, engineOptions } = createTestApp({ mirrored: true, epoch: 'bench', clock });
  const { virtualTypes, createdBy, limit } = engineOptions;
  if (!mirror || !limit) throw new Error('it is mirrored, and limited');
  for (const kind of usualKinds.values()) store.sinkOf(kind).state('synced');
  engine.changes.record();
  const sink = store.sinkOf(kindNamed('Pod'));
  const put = (i: number) =>
    sink.event('MODIFIED', {
      metadata: {
        name: `pod-${i % pods}`,
        namespace: `ns-${i % 20}`,
        uid: `u${i % pods}`,
        resourceVersion: String(i),
        labels: { app: `a${i % 50}` },
      },
      spec: { nodeName: `n${i % 10}`, containers: [{ name: 'main', image: `redis:${i}` }] },
      status: { phase: i % 2 === 0 ? 'Running' : 'Pending' },
    });
  for (let i = 0; i < pods; i++) put(i);
  const log = { engine, mirror, createdBy, virtualTypes, limit, kinds: usualKinds };
  const synced = Promise.resolve();
  const source = (publisher: Publisher, sleeping = sleep) =>
    new GraphSource({ publisher, log, epoch: 'bench', synced, sleep: sleeping, logger: silentLogger });
  return { put, source, sink, revision: () => engine.revision };
}

/** One transaction per change, in bursts of a fiftieth of a second. */
async function change(put: (i: number) => void, seconds: number): Promise<number> {
  const began = performance.now();
  let made = 0;
  while (performance.now() - began < seconds * 1_000) {
    const due = Math.floor(((performance.now() - began) / 1_000) * perSecond);
    for (; made < due; made++) put(pods + made);
    await delay(20);
  }
  return made;
}

/** Changes per second of a production cluster of census' size, mostly of Pods. */
const churn = 20;
/** Simulated seconds; the result is extrapolated to an hour. */
const looked = 600;
const hourTarget = 200 << 20;

/** The size of a buffer after an hour without a gateway: Pods of the generated census change, in simulated time. */
async function hourRow(): Promise<Row> {
  const time = createVirtualTime();
  const generated = generate(sizeOf('census', 100), 1).find(({ resource }) => resource === 'pods');
  const { sink, source } = createMaster(time.clock);
  const counted = { bytes: 0, told: 0, raw: 0 };
  const add = (_: string, packed: Buffer) => {
    counted.bytes += packed.length + headLength;
    return ++counted.told;
  };
  const publisher = {
    add,
    last: () => 0,
    waiting: () => 0,
    lost: () => 0,
    before: () => undefined,
    discard: () => undefined,
  };
  const graph = source(publisher as unknown as Publisher, time.sleep);
  graph.authorised?.({});
  await time.advance(5_000);
  graph.disconnected?.();
  const first = counted.bytes;
  for (let second = 0; second < looked; second++) {
    for (let i = 0; i < churn; i++) counted.raw += changePod(sink, generated, second * churn + i);
    await time.advance(1_000);
  }
  const hour = ((counted.bytes - first) / looked) * 3_600;
  return {
    figure: `gateway: an hour of ${churn} changes/s in the buffer`,
    target: `≤ ${mib(hourTarget)}`,
    measured: mib(hour),
    yardstick: `as objects ${mib((counted.raw / looked) * 3_600)}`,
    ratio: hour / hourTarget,
    met: hour <= hourTarget,
  };
}

/** Bytes of the object, as the API server would send it. */
function changePod(sink: ReturnType<typeof createMaster>['sink'], pods: Generated | undefined, i: number): number {
  const text = pods?.object((i * 7) % pods.count).toString() ?? '';
  const object = JSON.parse(text) as KubernetesObject & { status: object };
  const message = `changed for the ${i}th time at ${new Date(i * 1_000).toISOString()}`;
  sink.event('MODIFIED', {
    ...object,
    metadata: { ...object.metadata, resourceVersion: `${i}` },
    status: { ...object.status, message },
  });
  return text.length;
}
