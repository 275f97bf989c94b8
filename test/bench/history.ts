// The cost of history on disk and on the main thread, and the time of questions about the past. The graph is fed in this process,
// change by change, with the real threads.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { createApp } from '../../master/app.ts';
import { buildGraph } from '../../master/build-graph.ts';
import { calmGarbageCollection } from '../../master/garbage-collection.ts';
import { coolingPeriod, coolTexts } from '../../master/graph/model/slab.ts';
import { OpenedHistory } from '../../master/history/open.ts';
import { kinds } from '../../master/kinds/index.ts';
import type { Kind } from '../../master/kinds/kind.ts';
import { silentLogger } from '../../src/logger.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { repeat } from '../../src/repeat.ts';
import { generate } from './generate.ts';
import { fillFolder, loadRows, startRow, underLoad } from './history-load.ts';
import { percentile } from './http.ts';
import { sizeOf } from './sizes.ts';
import { ms, type Row } from './table.ts';

const epoch = 'abcd0123';

interface Object {
  readonly kind: Kind;
  readonly object: KubernetesObject;
}

function objectsOf(divide: number): Object[] {
  return generate(sizeOf('census', divide), 1).flatMap(({ resource, count, object }) => {
    const [plural = '', ...group] = resource.split('.');
    const kind = kinds.find((each) => each.plural === plural && each.group === group.join('.'));
    if (!kind) return [];
    const apiVersion = kind.group ? `${kind.group}/${kind.versions[0]}` : (kind.versions[0] ?? 'v1');
    const read = (i: number) => JSON.parse(object(i).toString()) as KubernetesObject;
    return Array.from({ length: count }, (_, i) => ({ kind, object: { ...read(i), apiVersion, kind: kind.kind } }));
  });
}

function historyIn(folder: string, bytes: number): OpenedHistory {
  const config = {
    history: 7 * 86_400_000,
    historySize: bytes,
    historyDir: folder,
    keepValues: false,
    auth: 'none',
  } as const;
  const place = { folder, cluster: 'bench' };
  return new OpenedHistory({ place, config, epoch, logger: silentLogger, metrics: new Registry() });
}

function open(divide: number, folder: string) {
  const about = { clusterName: 'bench', version: '0', namespaces: [], keepValues: false, logger: silentLogger };
  const graph = buildGraph(about);
  const objects = objectsOf(divide);
  for (const { kind, object } of objects) graph.store.sinkOf(kind).event('ADDED', structuredClone(object));
  for (const kind of kinds) graph.store.sinkOf(kind).state('synced');
  const history = historyIn(folder, 1 << 30);
  const app = createApp({
    graph: graph.engine,
    typesNamed: graph.names.meant,
    live: [],
    ready: [],
    metrics: new Registry(),
    build: { version: '0' },
    epoch,
    server: { logger: silentLogger },
    history: history.whole(),
  });
  return { graph, objects, history, app };
}

type Opened = ReturnType<typeof open>;

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** Repeatedly changes Pods' status, as is most frequent in real clusters. Returns the bytes of all changed texts. */
async function churn({ graph, objects }: Opened, changes: number): Promise<number> {
  const pods = objects.filter(({ kind }) => kind.kind === 'Pod').slice(0, 2000);
  let raw = 0;
  const unfollow = graph.engine.changes.follow(({ resources, relations }) => {
    for (const { version } of resources) raw += version.length;
    for (const { text } of relations) raw += text.length;
  });
  for (let i = 0; i < changes; i++) {
    const { kind, object } = pods[i % pods.length] as Object;
    const changed = structuredClone(object) as KubernetesObject & { status?: object };
    changed.status = { ...changed.status, podIP: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}` };
    graph.store.sinkOf(kind).event('MODIFIED', changed);
    if (i % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
  }
  unfollow();
  return raw;
}

/** The same, a few at a time: returns the revision. */
function changer({ graph, objects }: Opened): (count: number) => number {
  const pods = objects.filter(({ kind }) => kind.kind === 'Pod').slice(0, 2000);
  let made = 0;
  return (count) => {
    for (let i = 0; i < count; i++, made++) {
      const { kind, object } = pods[made % pods.length] as Object;
      const changed = structuredClone(object) as KubernetesObject & { status?: object };
      changed.status = { ...changed.status, podIP: `10.200.${(made >> 8) & 255}.${made & 255}` };
      graph.store.sinkOf(kind).event('MODIFIED', changed);
    }
    return graph.engine.revision;
  };
}

/** What history takes until it is written, over one that is there and over none. */
async function beginRow(
  { graph }: Opened,
  { folder, label, bytes }: { readonly folder: string; readonly label: string; readonly bytes: number },
): Promise<Row> {
  const full = join(folder, 'full');
  const count = fillFolder(folder, full, bytes);
  const took = async (place: string) => {
    const began = performance.now();
    const history = historyIn(place, bytes * 4);
    await history.start(graph);
    const all = performance.now() - began;
    await history.close();
    return all;
  };
  // The first of all pays for what is loaded.
  await took(join(folder, 'none'));
  const [a, b] = [await took(full), await took(join(folder, 'empty'))];
  const [c, d] = [await took(full), await took(join(folder, 'empty-2'))];
  return startRow(label, { bytes, count, full: Math.min(a, c), empty: Math.min(b, d) });
}

function urlOf({ server }: Opened['app']): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

async function timesOf({ app }: Opened, urls: readonly string[]): Promise<number[]> {
  const took: number[] = [];
  for (const url of urls) {
    const began = performance.now();
    const { statusCode } = await app.inject(url);
    if (statusCode !== 200) throw new Error(`${url} answers ${statusCode}`);
    took.push(performance.now() - began);
  }
  return took;
}

export async function historyRows(
  say: (row: Row) => void,
  { divide = 10, changes = 20_000, seconds = 10, bytes = 1e9 } = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-history-'));
  // As a master does.
  calmGarbageCollection();
  const cool = () => coolTexts(totalmem());
  const stop = repeat(coolingPeriod, cool, silentLogger);
  const opened = open(divide, folder);
  cool();
  try {
    await opened.history.start(opened.graph);
    await rowsOf(opened, { folder, divide, changes, seconds }, say);
    say(await beginRow(opened, { folder, label: `history, census/${divide}`, bytes }));
  } finally {
    stop();
    await opened.history.close();
    await opened.app.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Setup {
  readonly folder: string;
  readonly divide: number;
  readonly changes: number;
  /** Of each load. */
  readonly seconds: number;
}

async function rowsOf(
  opened: Opened,
  { folder, divide, changes, seconds }: Setup,
  say: (row: Row) => void,
): Promise<void> {
  const { app, graph, objects } = opened;
  const label = `history, census/${divide}`;
  const whole = (await app.inject('/cluster')).rawPayload.length;
  const key = bytesIn(folder);
  say(ratioRow(`${label}: keyframe`, '≤ 1/8 of /cluster', { of: key, by: whole, most: 1 / 8, unit: 'bytes' }));

  const first = graph.engine.revision;
  const written = bytesGiven();
  const raw = await churn(opened, changes);
  await app.inject('/cluster/history');
  const revisions = graph.engine.revision - first;
  say(writesRow(label, (bytesGiven() - written) / revisions));

  const pods = objects
    .filter(({ kind }) => kind.kind === 'Pod')
    .slice(0, 40)
    .map(({ object: { metadata } }) => metadata);
  const at = (i: number) => `at=${epoch}-${first + Math.floor((revisions * (i + 1)) / 41)}`;
  const live = await timesOf(
    opened,
    pods.map(({ namespace }) => `/cluster?namespace=${namespace}`),
  );
  const then = await timesOf(
    opened,
    pods.map(({ namespace }, i) => `/cluster?namespace=${namespace}&${at(i)}`),
  );
  const [liveP95, thenP95] = [percentile(live, 0.95), percentile(then, 0.95)];
  say({
    figure: `${label}: a namespace at T, p95`,
    target: '≤ 6 × live and ≤ 100 ms',
    measured: ms(thenP95),
    yardstick: `live ${ms(liveP95)}; the first question of each moment reads it from disk`,
    ratio: thenP95 / liveP95,
    met: thenP95 <= 100 && thenP95 <= liveP95 * 6,
  });
  const lives = await timesOf(
    opened,
    pods.map(({ namespace, name }) => `/cluster/history/Pod/${namespace}/${name}`),
  );
  say(boundRow(`${label}: the life of one resource, p95`, percentile(lives, 0.95), 10));
  const neighbours = pods.map(({ namespace, name }) => `/cluster/resources/Pod/${namespace}/${name}?${at(0)}`);
  say(boundRow(`${label}: one with its neighbours at T, p95`, percentile(await timesOf(opened, neighbours), 0.95), 5));
  for (const row of await walkRows(opened, label, pods, at)) say(row);
  say(await wholeRow(opened, label, at(20)));
  const loaded = { url: urlOf(app), change: changer(opened), past: `/cluster?${at(20)}` };
  const kept = await underLoad(loaded, seconds, true);
  await app.inject('/cluster/history');
  const before = graph.engine.revision;
  say(await threadRow(opened, label));
  for (const row of loadRows(label, kept, await underLoad(loaded, seconds, false))) say(row);
  const each = (bytesIn(folder) - key) / (before - first + 3000);
  say(
    ratioRow(`${label}: bytes a revision`, '≤ 1/10 of its text', {
      of: each,
      by: raw / revisions,
      most: 1 / 10,
      unit: 'bytes',
    }),
  );
  say(weekRow(label, each, key * divide));
}

/** Bytes written by this process; available on Linux only. */
function bytesGiven(): number {
  try {
    return Number(/^wchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
  } catch {
    return Number.NaN;
  }
}

function writesRow(label: string, each: number): Row {
  const figure = `${label}: written to disk a revision`;
  const target = '≤ 8 kB';
  if (Number.isNaN(each))
    return { figure, target, measured: '–', yardstick: 'this system does not tell', met: undefined };
  const measured = `${(each / 1000).toFixed(1)} kB`;
  return { figure, target, measured, yardstick: 'what was given to the system', met: each <= 8000 };
}

/** Extrapolated to a week of the whole census, with a keyframe every half day. */
function weekRow(label: string, each: number, key: number): Row {
  const bytes = each * 20 * 604_800 + key * 14;
  return {
    figure: `${label}: seven days at 20/s, census`,
    target: '≤ 4.5 GB',
    measured: `${(bytes / 1e9).toFixed(1)} GB`,
    yardstick: `computed: ${each.toFixed(0)} bytes a revision, 14 keyframes of ${(key / 1e6).toFixed(0)} MB`,
    met: bytes <= 4.5e9,
  };
}

type Pods = readonly { readonly namespace?: string; readonly name?: string }[];

/** Each question is about another moment, of which nothing is cached. */
async function walkRows(opened: Opened, label: string, pods: Pods, at: (i: number) => string): Promise<Row[]> {
  const ids = pods.map(({ namespace, name }) => `Pod:${namespace}/${name}`);
  const questions: readonly (readonly [string, number, (id: string, i: number) => string])[] = [
    ['what depends on a Pod at T, p95', 100, (id) => `/cluster/impact?of=${id}`],
    [
      'a path from one Pod to another at T, p95',
      500,
      (id, i) => `/cluster/path?from=${id}&to=${ids[(i + 7) % ids.length]}`,
    ],
    ['search at T, p95', 1000, (id) => `/cluster/search?q=${id.split('/')[1]}`],
    ['groups by node at T, p95', 3000, () => '/cluster/groups?by=node'],
  ];
  const rows: Row[] = [];
  for (const [figure, most, question] of questions) {
    const some = ids.slice(0, figure.startsWith('groups') ? 5 : 20);
    const urls = some.map((id, i) => `${question(id, i)}&${at(i + 1)}`);
    rows.push(boundRow(`${label}: ${figure}`, percentile(await timesOf(opened, urls), 0.95), most));
  }
  return rows;
}

async function wholeRow({ app }: Opened, label: string, at: string): Promise<Row> {
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const { body } = await fetch(`${url}/cluster?${at}`);
  let first: number | undefined;
  let bytes = 0;
  for await (const chunk of body ?? []) {
    first ??= performance.now() - began;
    bytes += chunk.length;
  }
  const { user, system } = process.cpuUsage(cpu);
  const took = first ?? Number.NaN;
  return {
    figure: `${label}: the whole of it at T, first byte`,
    target: '≤ 300 ms',
    measured: ms(took),
    yardstick: `${((user + system) / 1e6).toFixed(1)} s of processor for ${(bytes / 1e6).toFixed(0)} MB, the reader's among them`,
    met: took <= 300,
  };
}

/** The cost on the main thread: processor time of the same changes with and without history. */
async function threadRow(opened: Opened, label: string): Promise<Row> {
  const changes = 3000;
  const cost = async () => {
    const began = process.threadCpuUsage();
    await churn(opened, changes);
    const { user, system } = process.threadCpuUsage(began);
    return user + system;
  };
  const withHistory = await cost();
  await opened.history.close();
  const without = await cost();
  const share = (withHistory - without) / changes / 1000;
  return {
    figure: `${label}: main thread for history at 1,000/s`,
    target: '≤ 2 % of a core',
    measured: `${(share * 100).toFixed(1)} %`,
    yardstick: `a change takes ${(withHistory / changes).toFixed(0)} µs with, ${(without / changes).toFixed(0)} µs without`,
    met: share <= 0.02,
  };
}

interface Measured {
  readonly of: number;
  readonly by: number;
  readonly most: number;
  readonly unit: string;
}

function ratioRow(figure: string, target: string, { of, by, most, unit }: Measured): Row {
  return {
    figure,
    target,
    measured: `${Math.round(of).toLocaleString('en')} ${unit}`,
    yardstick: `${Math.round(by).toLocaleString('en')} ${unit}`,
    ratio: of / by,
    met: of / by <= most,
  };
}

function boundRow(figure: string, measured: number, most: number): Row {
  return {
    figure,
    target: `≤ ${most} ms`,
    measured: ms(measured),
    yardstick: 'in this process',
    met: measured <= most,
  };
}
