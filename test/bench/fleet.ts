// The cost of replicas: of the log for a master, and of a copy made from a snapshot. Processor time of the thread of the graph,
// without a broker, whose cost is its own.
import { loadavg } from 'node:os';
import { buildGraph, createdBy } from '../../master/build-graph.ts';
import { createEngine } from '../../master/graph/engine/engine.ts';
import { InputLog } from '../../master/graph/replication/input-log.ts';
import { itemOf } from '../../master/graph/replication/item-of-vertex.ts';
import { type LogMessage, packElsewhere } from '../../master/graph/replication/messages.ts';
import { Replica } from '../../master/graph/replication/replica.ts';
import { createFeed } from '../../master/graph/revisions/feed.ts';
import { createRetention } from '../../master/graph/revisions/retention.ts';
import { Subscriptions } from '../../master/graph/subscription.ts';
import { kinds } from '../../master/kinds/index.ts';
import type { Kind } from '../../master/kinds/kind.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import { ReplicaGraph } from '../../master/replica/replica-graph.ts';
import { runSteps } from '../../master/replica/run-steps.ts';
import { monotonicClock } from '../../src/clock.ts';
import { silentLogger } from '../../src/logger.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { generate } from './generate.ts';
import { percentile } from './http.ts';
import { sizeOf } from './sizes.ts';
import { mib, type Row } from './table.ts';

interface Made {
  readonly kind: Kind;
  readonly object: KubernetesObject;
}

function objectsOf(divide: number): Made[] {
  return generate(sizeOf('census', divide), 1).flatMap(({ resource, count, object }) => {
    const [plural = '', ...group] = resource.split('.');
    const kind = kinds.find((each) => each.plural === plural && each.group === group.join('.'));
    if (!kind) return [];
    const apiVersion = kind.group ? `${kind.group}/${kind.versions[0]}` : (kind.versions[0] ?? 'v1');
    const read = (i: number) => JSON.parse(object(i).toString()) as KubernetesObject;
    return Array.from({ length: count }, (_, i) => ({ kind, object: { ...read(i), apiVersion, kind: kind.kind } }));
  });
}

function openMaster(objects: readonly Made[]) {
  const about = { clusterName: 'bench', version: '0', namespaces: [], keepValues: false, logger: silentLogger };
  const graph = buildGraph({ ...about, mirrored: true });
  for (const { kind, object } of objects) graph.store.sinkOf(kind).event('ADDED', structuredClone(object));
  for (const kind of kinds) graph.store.sinkOf(kind).state('synced');
  graph.engine.changes.record();
  return graph;
}

type Master = ReturnType<typeof openMaster>;

/** Microseconds of processor time of this thread. */
async function cost(work: () => void | Promise<void>): Promise<number> {
  global.gc?.();
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}

const usual = { epoch: 'e', term: 't' };

/** As a publisher does: what comes within 20 changes is sent together. */
function tell({ engine, mirror, engineOptions }: Master, messages: LogMessage[]) {
  if (!mirror || !engineOptions.limit) throw new Error('it is mirrored, and has a limit');
  let [waiting, count, last] = ['', 0, 0];
  let packing = Promise.resolve();
  const flush = () => {
    if (waiting !== '') packing = send(packing, waiting, last);
    [waiting, count] = ['', 0];
    return packing;
  };
  const send = async (before: Promise<void>, text: string, revision: number) => {
    await before;
    const kind = messages.length === 0 ? ('begin' as const) : ('log' as const);
    messages.push(...(await packElsewhere({ ...usual, kind, number: messages.length, revision }, text)));
  };
  const { virtualTypes, limit } = engineOptions;
  const known = new Map(kinds.map((kind) => [typeOfKind(kind), kind]));
  const log = new InputLog(
    { engine, mirror, createdBy: createdBy('0'), virtualTypes, limit, kinds: known },
    {
      write(lines, revision) {
        waiting += lines;
        last = revision;
        if (++count >= 20 || waiting.length > 1 << 20) void flush();
      },
      ready: () => Promise.resolve(),
    },
  );
  return { log, flush };
}

let marks = 0;

function churn(graph: Master, pods: readonly Made[], changes: number): void {
  for (let i = 0; i < changes; i++) writeTo(graph, pods[i % pods.length] as Made, String(++marks));
}

function writeTo(graph: Master, { kind, object }: Made, mark: string): void {
  const annotations = { ...object.metadata.annotations, 'bench/written': mark };
  graph.store
    .sinkOf(kind)
    .event('MODIFIED', { ...structuredClone(object), metadata: { ...object.metadata, annotations } });
}

/** Milliseconds from each write to what a reader of the watch is handed, at a thousand writes a second. */
async function handedOver(graph: Master, pods: readonly Made[], seconds: number): Promise<number[]> {
  const { engine } = graph;
  const feed = createFeed(engine.changes);
  const writtenAt: { readonly revision: number; readonly at: number }[] = [];
  const took: number[] = [];
  const everything = { key: '', resource: () => true, relation: () => true };
  const subscriptions = new Subscriptions(engine);
  subscriptions
    .subscribe({
      from: engine.revision,
      next: (revision, together) => feed.next(revision, everything, together),
      sink: {
        write({ revision }) {
          while ((writtenAt[0]?.revision ?? Number.POSITIVE_INFINITY) <= revision)
            took.push(performance.now() - (writtenAt.shift()?.at ?? 0));
          return true;
        },
        resync: () => true,
        fail(error) {
          throw error;
        },
      },
    })
    .resume();
  const began = performance.now();
  for (let made = 0; performance.now() - began < seconds * 1_000; ) {
    for (const due = performance.now() - began; made < due; made++) {
      const at = performance.now();
      writeTo(graph, pods[made % pods.length] as Made, String(++marks));
      writtenAt.push({ revision: engine.revision, at });
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  subscriptions.close();
  return took;
}

const rounds = 5;
const secondsOfRound = 2;

/** From here on only changes are told. */
async function tellAll(graph: Master) {
  const telling = tell(graph, []);
  await telling.log.keyframe();
  await telling.flush();
  return telling;
}

/** Microseconds of this thread for a revision, more than without: the median, turn and turn about, since the machine has other work. */
async function tellingCost(graph: Master, pods: readonly Made[], changes: number): Promise<number> {
  const more: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const without = await cost(() => churn(graph, pods, changes));
    const { log, flush } = await tellAll(graph);
    const before = graph.engine.revision;
    const told = await cost(() => {
      churn(graph, pods, changes);
      return flush();
    });
    more.push((told - without) / (graph.engine.revision - before));
    log.close();
  }
  return percentile(more, 0.5);
}

/** Turn and turn about. */
async function watchRow(graph: Master, pods: readonly Made[]): Promise<Row> {
  const [without, telling]: [number[], number[]] = [[], []];
  for (let i = 0; i < rounds; i++) {
    without.push(...(await handedOver(graph, pods, secondsOfRound)));
    const { log } = await tellAll(graph);
    telling.push(...(await handedOver(graph, pods, secondsOfRound)));
    log.close();
  }
  const [plain, told] = [percentile(without, 0.99), percentile(telling, 0.99)];
  return {
    ...{ figure: 'write to watch at 1,000/s, p99, with telling', target: '≤ 1.1 × without' },
    ...{ measured: `${told.toFixed(1)} ms`, yardstick: `${plain.toFixed(1)} ms`, ratio: told / plain },
    met: told <= plain * 1.1,
  };
}

const many = 10;

/** As many as serve a fleet, in one process here: each reads the same messages on its own. */
async function manyRow(messages: readonly LogMessage[], first: number, revision: number): Promise<Row> {
  const replicas = Array.from({ length: many }, createReplica);
  for (const replica of replicas) for (const message of messages.slice(0, first)) await replica.receive(message);
  const before = replicas[0]?.served?.target.engine.revision ?? 0;
  const used = await cost(async () => {
    for (const message of messages.slice(first)) await Promise.all(replicas.map((each) => each.receive(message)));
  });
  const behind = replicas.filter(({ served }) => served?.target.engine.revision !== revision).length;
  return {
    ...{ figure: `${many} replicas, a revision of the log`, target: 'all come to the same revision' },
    ...{ measured: `${(used / (revision - before)).toFixed(0)} µs together, ${behind} behind` },
    ...{ yardstick: `${messages.length - first} messages`, met: behind === 0 },
  };
}

/** Puts the same items into an engine, and nothing else. */
async function plainCost({ engine, engineOptions }: Master): Promise<number> {
  const vertices = engine.order
    .types()
    .flatMap((type) => type.leaves)
    .flatMap(({ entries }) => entries.map(({ vertex }) => vertex));
  const items = vertices.filter(({ present }) => present).map((vertex) => itemOf(engine, vertex));
  const plain = createEngine({ ...engineOptions, derivesLater: true });
  return cost(async () => {
    for (let from = 0; from < items.length; from += 200)
      plain.transact(() => items.slice(from, from + 200).forEach((item) => plain.put(item)));
    await runSteps(plain.derive());
  });
}

function createReplica() {
  return new Replica({
    open: (origin, rules) => new ReplicaGraph({ origin, rules, retention: createRetention() }),
    ...{ run: runSteps, clock: monotonicClock, now: Date.now, logger: silentLogger },
  });
}

export async function fleetRows(add: (row: Row) => void, divide: number, changes: number): Promise<void> {
  const objects = objectsOf(divide);
  const pods = objects.filter(({ kind }) => kind.kind === 'Pod');
  const graph = openMaster(objects);
  churn(graph, pods, changes);
  const each = await tellingCost(graph, pods, changes / rounds);
  const messages: LogMessage[] = [];
  const { log, flush } = tell(graph, messages);
  const keyframe = await cost(async () => {
    await log.keyframe();
    await flush();
  });
  const items = [...graph.engine.counts().values()].reduce((sum, count) => sum + count, 0);
  const bytes = messages.reduce((sum, { body }) => sum + body.length, 0);
  const snapshot = [...messages];
  const before = graph.engine.revision;
  churn(graph, pods, changes);
  await flush();
  const revisions = graph.engine.revision - before;
  const load = `load ${loadavg()[0]?.toFixed(1)}`;
  add({
    ...{ figure: `telling a revision (${load})`, target: '≤ 30 µs: 3 % of a core at 1,000/s', yardstick: '–' },
    ...{ measured: `${each.toFixed(0)} µs`, met: each <= 30 },
  });
  const logged = messages.slice(snapshot.length).reduce((sum, { body }) => sum + body.length, 0) / revisions;
  add({
    figure: 'log, bytes a revision, 20 together',
    target: '–',
    measured: `${logged.toFixed(0)} B`,
    yardstick: '–',
    met: true,
  });
  add({
    ...{ figure: `keyframe of ${items} resources`, target: '–', yardstick: '–', met: true },
    measured: `${mib(bytes)}, ${(bytes / items).toFixed(0)} B and ${(keyframe / items).toFixed(0)} µs each`,
  });
  const plain = await plainCost(graph);
  const replica = createReplica();
  const made = await cost(async () => {
    for (const message of snapshot) await replica.receive(message);
  });
  add({
    ...{ figure: 'replica ready from a snapshot, a resource', target: '≤ 1.5 × the engine’s own time' },
    ...{ measured: `${(made / items).toFixed(0)} µs`, yardstick: `${(plain / items).toFixed(0)} µs` },
    ...{ ratio: made / plain, met: made <= plain * 1.5 },
  });
  const followed = await cost(async () => {
    for (const message of messages.slice(snapshot.length)) await replica.receive(message);
  });
  const same = replica.served?.target.engine.revision === graph.engine.revision;
  add({
    ...{ figure: 'replica, a revision of the log', target: 'it comes to the same revision', yardstick: '–' },
    ...{ measured: `${(followed / revisions).toFixed(0)} µs`, met: same },
  });
  log.close();
  add(await manyRow(messages, snapshot.length, graph.engine.revision));
  add(await watchRow(graph, pods));
}
