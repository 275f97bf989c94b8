// The figures of the bench, one function each: what is measured, and what it is compared with.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Freshness } from './freshness.ts';
import { median, percentile, read, times } from './http.ts';
import type { ApiProcess, MasterProcess } from './processes.ts';
import type { ClusterName } from './sizes.ts';
import { mib, ms, type Row, seconds } from './table.ts';
import { type Floor, kubectl, nginx } from './yardsticks.ts';

export interface Setup {
  readonly name: ClusterName;
  readonly parts: number;
  readonly folder: string;
  readonly api: ApiProcess;
  readonly master: MasterProcess;
  /** All starts; the last one is that of `master`. */
  readonly starts: readonly Start[];
}

/** A start with the floor measured right before it: the speed of a shared machine changes every minute. */
export interface Start {
  /** Milliseconds. */
  readonly readyAfter: number;
  /** Bytes. */
  readonly peak: number;
  readonly floor: Floor;
}

const label = ({ name, parts }: Setup): string => (parts === 1 ? name : `${name}/${parts}`);

const ratioOf = ({ readyAfter, floor }: Start): number => readyAfter / floor.all;
const peakOf = ({ peak }: Start): number => peak;

/** The median start, with the number of starts. */
function typical(starts: readonly Start[], figure: (start: Start) => number, text: (value: number) => string) {
  const sorted = starts.toSorted((a, b) => figure(a) - figure(b));
  const all = sorted.map((start) => text(figure(start))).join(', ');
  return { start: sorted[sorted.length >> 1] as Start, all: sorted.length > 1 ? `; of ${all}` : '' };
}

export function startRow(setup: Setup): Row {
  const { start, all } = typical(setup.starts, ratioOf, (ratio) => ratio.toFixed(2));
  const { floor, readyAfter } = start;
  return {
    figure: `${label(setup)}: start to ready`,
    target: '≤ 3 × floor',
    measured: seconds(readyAfter),
    yardstick: `floor ${seconds(floor.all)}: ${setup.api.objects} objects, ${(floor.bytes / 1e6).toFixed(0)} MB (JSON.parse ${seconds(floor.parse)}, fetch ${seconds(floor.fetch)})${all}`,
    ratio: ratioOf(start),
    met: ratioOf(start) <= 3,
  };
}

export function memoryRow(setup: Setup): Row {
  const { start, all } = typical(setup.starts, peakOf, mib);
  const { peak, floor } = start;
  const most = setup.name === 'census' ? 1.2 * 2 ** 30 : 4 * 2 ** 30;
  return {
    figure: `${label(setup)}: resident, peak of start`,
    target: `≤ ${mib(most)}`,
    measured: mib(peak),
    yardstick: `lists ${mib(floor.bytes)}${all}`,
    ratio: peak / floor.bytes,
    met: peak <= most,
  };
}

export async function kubectlRow(setup: Setup): Promise<Row> {
  const took = await kubectl(setup.api.kubeconfigFile, 'nodes,pods,services,deployments,replicasets');
  const figure = `${label(setup)}: kubectl get of five kinds`;
  const target = 'slower than start to ready';
  if (typeof took === 'string') return unmeasured(figure, target, took);
  const { readyAfter } = setup.master;
  return {
    figure,
    target,
    measured: seconds(took),
    yardstick: `ready ${seconds(readyAfter)}`,
    ratio: took / readyAfter,
    met: took > readyAfter,
  };
}

export function freshnessRows(setup: Setup, { watch, cluster, livez, loop, ...rest }: Freshness): Row[] {
  const load = `${(rest.writes / rest.seconds).toFixed(0)}/s for ${rest.seconds.toFixed(0)} s, written at most ${ms(rest.behind)} late, the bench's own loop p99 ${ms(rest.own)}; ${(rest.slowBytes / rest.seconds / 1e6).toFixed(0)} MB/s to slow readers`;
  const of = label(setup);
  const figure = (name: string, value: number | undefined, most: number, yardstick: string): Row =>
    value === undefined
      ? unmeasured(`${of}: ${name}`, `p99 ≤ ${most} ms`, 'the master does not say')
      : { figure: `${of}: ${name}`, target: `p99 ≤ ${most} ms`, measured: ms(value), yardstick, met: value <= most };
  return [
    figure('write to /cluster/watch', watch.p99, 50, `p50 ${ms(watch.p50)}, worst ${ms(watch.worst)}, ${load}`),
    figure(
      'write to /cluster',
      cluster.p99,
      50,
      `p50 ${ms(cluster.p50)}, worst ${ms(cluster.worst)}, ${cluster.of} samples`,
    ),
    {
      figure: `${of}: writes not seen`,
      target: '0',
      measured: String(rest.dropped),
      yardstick: `of ${rest.writes}`,
      met: rest.dropped === 0,
    },
    figure('event loop delay', loop, 50, 'by the master itself'),
    figure('/livez meanwhile', livez.p99, 50, `p50 ${ms(livez.p50)}, worst ${ms(livez.worst)}`),
  ];
}

export function costRow(setup: Setup, whole: Freshness, tenth: Freshness): Row {
  const ratio = whole.cpu / tenth.cpu;
  return {
    figure: `${label(setup)}: processor time of one event`,
    target: 'as on a tenth ± 20 %',
    measured: ms(whole.cpu),
    yardstick: `a tenth ${ms(tenth.cpu)}`,
    ratio,
    met: ratio <= 1.2,
  };
}

export function sameGraphRow(setup: Setup, differs: string | undefined, broken: number, elements: number): Row {
  return {
    figure: `${label(setup)}: graph after churn is a rebuild's`,
    target: 'the same',
    measured: differs ?? (broken > 0 ? `${broken} lines are no JSON` : 'the same'),
    yardstick: `${elements} elements, each parsed`,
    met: differs === undefined && broken === 0,
  };
}

/** Lists all kinds at once. Peak memory relative to memory before. */
export async function relistRow(setup: Setup): Promise<Row> {
  const { master, api } = setup;
  await wait(3000);
  const lists = async () => listsIn(await metricsOf(master));
  const before = await lists();
  const { resident } = master.memory();
  master.resetPeak();
  api.relist();
  const most = performance.now() + 300_000;
  const behind = (now: ReadonlyMap<string, number>) =>
    [...before].some(([type, count]) => (now.get(type) ?? 0) <= count);
  while (behind(await lists()) && performance.now() < most) await wait(200);
  const { peak } = master.memory();
  const ratio = peak / resident;
  return {
    figure: `${label(setup)}: relist of every kind, peak`,
    target: '≤ 1.3 × steady',
    measured: mib(peak),
    yardstick: `steady ${mib(resident)}`,
    ratio,
    met: ratio <= 1.3,
  };
}

async function metricsOf({ url }: MasterProcess): Promise<string> {
  const parts: Buffer[] = [];
  await read(`${url}/metrics`, { onChunk: (chunk) => void parts.push(chunk) });
  return Buffer.concat(parts).toString();
}

/** Number of lists by type. */
function listsIn(metrics: string): Map<string, number> {
  const ok = /^cluster_insight_lists_total\{type="([^"]+)",result="ok"\} (\d+)$/gm;
  return new Map([...metrics.matchAll(ok)].map(([, type = '', count]) => [type, Number(count)]));
}

/** The whole graph, as it is or in zstd, beside nginx with the same bytes in a file. */
/** The whole graph, as it is or in zstd, beside nginx with the same bytes in a file. */
export async function wholeRow(setup: Setup, encoding?: 'zstd'): Promise<Row> {
  const { master, folder } = setup;
  const name = `cluster.${encoding ?? 'json'}`;
  const headers = encoding ? { 'accept-encoding': encoding } : {};
  const file = createWriteStream(join(folder, name));
  await read(`${master.url}/cluster`, {
    headers,
    async onChunk(chunk) {
      if (!file.write(chunk)) await once(file, 'drain');
    },
  });
  await new Promise<void>((resolve) => file.end(resolve));
  const runs = 5;
  const took = median(await times(runs, () => read(`${master.url}/cluster`, { headers })));
  const beside = await nginx(folder, name, runs);
  const figure = `${label(setup)}: /cluster whole, warm${encoding ? `, ${encoding}` : ''}`;
  const target = '≤ 1.5 × nginx';
  const size = `${(file.bytesWritten / 1e6).toFixed(0)} MB`;
  if (typeof beside === 'string') return { ...unmeasured(figure, target, beside), measured: ms(took) };
  return {
    figure,
    target,
    measured: ms(took),
    yardstick: `nginx ${ms(beside)}, ${size}`,
    ratio: took / beside,
    met: took <= 1.5 * beside,
  };
}

export async function unchangedRow(setup: Setup): Promise<Row> {
  const url = `${setup.master.url}/cluster`;
  const agent = new http.Agent({ keepAlive: true });
  const ending = new AbortController();
  const { headers } = await firstBytes(url, ending);
  const ask = () => read(url, { agent, headers: { 'if-none-match': headers.etag } });
  const first = await ask();
  // After a few thousand answers the code is compiled.
  await times(4000, ask);
  const took = await times(2000, ask);
  const beside = await times(2000, () => read(`${setup.master.url}/livez`, { agent }));
  agent.destroy();
  const p99 = percentile(took, 0.99);
  const figure = `${label(setup)}: /cluster unchanged, 304, warm`;
  if (first.status !== 304) return unmeasured(figure, 'p99 ≤ 2 ms', `it answered ${first.status}`);
  return {
    figure,
    target: 'p99 ≤ 2 ms',
    measured: ms(p99),
    yardstick: `p50 ${ms(median(took))}; /livez p50 ${ms(median(beside))}, p99 ${ms(percentile(beside, 0.99))}`,
    met: p99 <= 2,
  };
}

/** The headers of an answer that is not read to the end. */
function firstBytes(url: string, ending: AbortController): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { signal: ending.signal }, (response) => {
      response.on('error', () => undefined);
      resolve(response);
      ending.abort();
    });
    request.on('error', (error) => (ending.signal.aborted ? undefined : reject(error)));
  });
}

export async function queryRow(setup: Setup, name: string, paths: readonly string[], most: number): Promise<Row> {
  const agent = new http.Agent({ keepAlive: true });
  const figure = `${label(setup)}: ${name}`;
  const target = `p95 ≤ ${most} ms`;
  const first = await read(setup.master.url + (paths[0] as string), { agent });
  if (first.status !== 200) return unmeasured(figure, target, `${paths[0]} answers ${first.status}`);
  const took: number[] = [];
  let bytes = 0;
  for (let n = 0; n < 200; n++) {
    const answer = await read(setup.master.url + (paths[n % paths.length] as string), { agent });
    took.push(answer.took);
    bytes += answer.bytes;
  }
  agent.destroy();
  const p95 = percentile(took, 0.95);
  return {
    figure,
    target,
    measured: ms(p95),
    yardstick: `p50 ${ms(median(took))}, ${(bytes / 200 / 1000).toFixed(0)} kB each`,
    met: p95 <= most,
  };
}

/** The bytes of one namespace's stream while the cluster changes: whole, and as a view that fits a screen. */
export async function streamRow(setup: Setup): Promise<Row> {
  const streams = await Promise.all(
    ['', '&properties=false&reasons=false'].map((shape) =>
      countedStream(`${setup.master.url}/cluster/watch?namespace=team-000${shape}`),
    ),
  );
  await setup.api.churn(100, 20, () => undefined, 'team-000');
  const [whole = 0, small = 0] = streams.map((stream) => stream.end());
  return {
    figure: `${label(setup)}: one namespace's stream at 100 changes/s`,
    target: '≤ 1/10 of the bytes',
    measured: `${((small / Math.max(1, whole)) * 100).toFixed(1)} %`,
    yardstick: `${(whole / 1000).toFixed(0)} kB whole, ${(small / 1000).toFixed(0)} kB without properties and reasons`,
    met: whole > 0 ? small <= whole / 10 : undefined,
  };
}

/** Counts bytes until it is ended. */
function countedStream(url: string): Promise<{ end(): number }> {
  return new Promise((resolve, reject) => {
    const asked = http.get(url, { agent: false }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.on('error', () => undefined);
      resolve({
        end() {
          asked.destroy();
          return bytes;
        },
      });
    });
    asked.on('error', reject);
  });
}

export function unmeasured(figure: string, target: string, why: string): Row {
  return { figure, target, measured: '–', yardstick: why, met: undefined };
}
