// The cost of probes: for a node with a hundred containers, for a program whose connections are traced, and of their own work.
// Without root, control groups, tracefs, a C compiler or containerd the rows that need them say so.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Series } from '../../master/series/series.ts';
import { MessageCounter } from '../../minion/probes/logs/counter.ts';
import { LineJoiner, logLineOf } from '../../minion/probes/logs/line-forms.ts';
import { MessageJoiner } from '../../minion/probes/logs/messages.ts';
import { Connections, tcpStates } from '../../minion/probes/tcp/connections.ts';
import { small } from '../../src/anew.ts';
import { containerd } from '../support/engines/containerd.ts';
import { missing, startEngine } from '../support/engines/index.ts';
import { spawnMinion } from '../support/minion-process.ts';
import { canTrace, containerGroup, ownAddress, traceFolder } from '../support/tracing.ts';
import { median } from './http.ts';
import { mib, type Row } from './table.ts';

export interface TelemetryLoad {
  readonly containers: number;
  /** Rounds of ten seconds. */
  readonly rounds: number;
  /** Seconds of connections at 10,000 a second. */
  readonly seconds: number;
  /** Turns with and without tracing, of a second each. */
  readonly turns: number;
}

const usualLoad: TelemetryLoad = { containers: 100, rounds: 4, seconds: 8, turns: 5 };

export async function telemetryRows(
  add: (...rows: Row[]) => void,
  { containers, rounds, seconds: length, turns } = usualLoad,
): Promise<void> {
  add(logRow(), connectionRow(), seriesRow());
  add(...(await tracedRows(length, turns)));
  add(...(await nodeRows(containers, rounds)));
}

/** Processor seconds that the work takes. */
function seconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const kinds = [
  (n: number) => `INFO request ${n} of client 10.0.${n % 256}.7 took ${n % 90} ms`,
  (n: number) => `level=debug msg="cache hit" key=user-${n} ttl=${n % 300}`,
  (n: number) => `{"level":"warn","msg":"slow query of table orders","ms":${n % 4000}}`,
  (n: number) => `E1120 10:00:00.${n} 1 sync.go:${n % 900}] cannot sync pod ${n}: timeout`,
  (n: number) => `plain text of a program that says no level, number ${n}`,
];

function logRow(): Row {
  const lines = 300_000;
  const texts = Array.from({ length: lines }, (_, n) => `2026-11-20T10:00:00.000000000Z stdout F ${kinds[n % 5]?.(n)}`);
  const counter = new MessageCounter({ redact: (sample) => sample });
  const joiner = new LineJoiner();
  const messages = new MessageJoiner((message) => counter.add(message));
  const took = seconds(() => {
    for (const text of texts) {
      const read = logLineOf(text);
      const whole = read && joiner.take(read);
      if (whole !== undefined) messages.add(whole);
    }
  });
  return {
    figure: 'log lines of one core',
    target: '≥ 300,000 a second',
    measured: `${Math.round(lines / took).toLocaleString('en')} a second, ${counter.all().length} kinds`,
    yardstick: `${lines.toLocaleString('en')} lines of five forms`,
    met: lines / took >= 300_000,
  };
}

function connectionRow(): Row {
  const connects = 200_000;
  const { synSent, established, close } = tcpStates;
  const connections = new Connections(() => undefined);
  const source = { host: '10.0.0.1', port: 40_000 };
  const took = seconds(() => {
    for (let n = 0; n < connects; n++) {
      const target = { host: '10.0.0.2', port: 1 + (n % 100) };
      const change = { time: n, socket: n % 1000, source, target, owner: `c${n % 4}` };
      connections.change({ ...change, before: close, after: synSent }, n);
      connections.change({ ...change, before: synSent, after: established }, n);
      connections.change({ ...change, before: established, after: close }, n);
    }
    connections.translate(() => undefined, connects);
  });
  const share = (took / connects) * 10_000;
  return {
    figure: '10,000 connections a second, counted',
    target: '≤ 5 % of a core',
    measured: `${(share * 100).toFixed(1)} %, without reading the events`,
    yardstick: `${connects.toLocaleString('en')} connections`,
    met: share <= 0.05,
  };
}

function seriesRow(): Row {
  const [containers, families] = [300 * 100, ['cpu', 'memory']];
  const before = held();
  const series = new Series(1 << 30);
  for (let minute = 0; minute < 60; minute++)
    for (let n = 0; n < containers; n++) for (const family of families) series.put(`c${n}`, family, minute, n);
  const each = (held() - before) / (containers * families.length);
  return {
    figure: 'an hour of one kind of number of one container, in the memory of the process',
    target: '≤ 1 KiB',
    measured: `${Math.round(each)} bytes`,
    yardstick: `300 nodes of 100 containers; ${Math.round(series.bytes / containers / families.length)} bytes of numbers`,
    met: each <= 1024,
  };
}

/** Bytes of live objects and of buffers. */
function held(): number {
  global.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const perSecond = 10_000;
const mostOfCore = 0.05;
const mostSlower = 1.15;

async function tracedRows(length: number, turns: number): Promise<Row[]> {
  const figures = [`${perSecond.toLocaleString('en')} connections a second, with the events of the kernel`, slowdown];
  const absent = cannotTrace();
  const unknown = (reason: string) =>
    figures.map((figure) => ({ figure, target: '–', measured: '–', yardstick: reason, met: undefined }));
  if (absent !== undefined) return unknown(absent);
  const trace = traceFolder();
  if (trace === undefined) return unknown('the kernel refuses trace events');
  const folder = mkdtempSync(join(tmpdir(), 'cluster-insight-bench-connect-'));
  const group = containerGroup('e');
  try {
    const program = join(folder, 'connect');
    execFileSync('cc', ['-O2', '-o', program, join(import.meta.dirname, 'connect.c')]);
    const connects = (seconds: number, rate: number) => connecting(program, group.group, seconds, rate);
    const read = await readRow(trace.folder, group.id, () => connects(length, perSecond), length);
    return [read, await slowdownRow(trace.folder, turns, () => connects(1, 0))];
  } finally {
    group.close();
    trace.close();
    rmSync(folder, { recursive: true });
  }
}

function cannotTrace(): string | undefined {
  if (!canTrace) return 'it needs root and control groups';
  return spawnSync('sh', ['-c', 'command -v cc']).status === 0 ? undefined : 'it needs a C compiler';
}

interface Connected {
  readonly opened: number;
  /** Microseconds of processor time of each. */
  readonly each: number;
}

function connecting(program: string, group: string, seconds: number, rate: number): Promise<Connected> {
  const script = `echo $$ > ${group}/cgroup.procs; exec ${program} ${ownAddress()} ${seconds} ${rate}`;
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      const [opened = 0, each = 0] = text.split(' ').map(Number);
      resolve({ opened, each });
    });
  });
}

interface Traced {
  readonly opened: number;
  readonly lost: number;
  /** Of processor time. */
  readonly seconds: number;
}

/** As the probe `tcp` reads them, in a process with the flags of a minion. */
async function startTracing(folder: string, owner = '') {
  const name = `cluster-insight-bench-${process.pid}`;
  const script = join(import.meta.dirname, 'traced-connections.ts');
  const child = spawn(process.execPath, [...small, script, folder, name, owner], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  await lines.next();
  return {
    async end(): Promise<Traced> {
      child.stdin.end();
      const { value } = await lines.next();
      return JSON.parse(value ?? '') as Traced;
    },
  };
}

async function readRow(folder: string, owner: string, connect: () => Promise<Connected>, length: number): Promise<Row> {
  const tracing = await startTracing(folder, owner);
  const { opened } = await connect();
  const counted = await tracing.end();
  const share = counted.seconds / length;
  return {
    figure: `${Math.round(opened / length).toLocaleString('en')} connections a second, with the events of the kernel`,
    target: `≤ ${mostOfCore * 100} % of a core, 0 lost`,
    measured: `${(share * 100).toFixed(1)} %, ${counted.lost} events lost`,
    yardstick: `counted ${counted.opened.toLocaleString('en')} of the ${opened.toLocaleString('en')} that the program opened`,
    ratio: share / mostOfCore,
    met: share <= mostOfCore && counted.lost === 0 && counted.opened === opened && opened >= perSecond * length * 0.99,
  };
}

const slowdown = 'a program that only connects, as fast as it can, while it is traced';

/** Turn and turn about, since the machine has other work. */
async function slowdownRow(folder: string, turns: number, connect: () => Promise<Connected>): Promise<Row> {
  const [without, traced]: [Connected[], Connected[]] = [[], []];
  for (let turn = 0; turn < turns; turn++) {
    without.push(await connect());
    const tracing = await startTracing(folder);
    traced.push(await connect());
    await tracing.end();
  }
  const [plain, slower] = [without, traced].map((all) => median(all.map(({ each }) => each))) as [number, number];
  const rate = median(without.map(({ opened }) => opened));
  return {
    figure: slowdown,
    target: `≤ ${mostSlower} × its time`,
    measured: `${slower.toFixed(1)} µs of processor time a connection`,
    yardstick: `${plain.toFixed(1)} µs untraced, ${Math.round(rate).toLocaleString('en')} a second (medians of ${turns})`,
    ratio: slower / plain,
    met: slower <= plain * mostSlower,
  };
}

/** `cloud` asks its metadata service once and is idle from then on. */
const probes = ['cgroup', 'delays', 'disks', 'logs', 'network', 'node', 'oom', 'processes', 'tcp'];
const [mostOfNode, mostMemory] = [0.02, 120 << 20];
const period = 10_000;

/** A minion with all probes before a real containerd, asked every ten seconds as by a master. */
async function nodeRows(containers: number, rounds: number): Promise<Row[]> {
  const figure = `minion with all probes, ${containers} containers, asked every ${period / 1000} s`;
  const absent = missing(containerd) ?? (canTrace ? undefined : 'it needs root and control groups');
  if (absent !== undefined) return [{ figure, target: '–', measured: '–', yardstick: absent, met: undefined }];
  const engine = await startEngine(containerd);
  const minion = await spawnMinion(engine.socket, probes);
  try {
    for (let n = 0; n < containers; n++) await engine.run({ name: `bench-${n}`, args: ['/bin/sleep', '100000'] });
    const ask = async () => {
      await (await fetch(`${minion.url}/snapshot`)).arrayBuffer();
      return (await (await fetch(`${minion.url}/telemetry`)).json()) as {
        readonly probes: { readonly [name: string]: string };
      };
    };
    const states = (await ask()).probes;
    const idle = probes.filter((name) => states[name] !== 'running');
    if (idle.length > 0)
      throw new Error(`probes do not run: ${idle.map((name) => `${name}: ${states[name]}`).join('; ')}`);
    await delay(period);
    await ask();
    const before = await minion.usage();
    for (let round = 0; round < rounds; round++) {
      await delay(period);
      await ask();
    }
    const after = await minion.usage();
    return costRows(figure, ((after.cpu - before.cpu) * 1000) / (rounds * period), after.resident, rounds);
  } finally {
    await minion.close();
    await engine.close();
  }
}

function costRows(figure: string, share: number, resident: number, rounds: number): Row[] {
  return [
    {
      figure,
      target: `≤ ${mostOfNode * 100} % of a core`,
      measured: `${(share * 100).toFixed(2)} %`,
      yardstick: `processor time of the process in ${rounds} rounds`,
      ratio: share / mostOfNode,
      met: share <= mostOfNode,
    },
    {
      figure: `${figure}: resident memory`,
      target: `≤ ${mib(mostMemory)}`,
      measured: mib(resident),
      yardstick: `this process has ${mib(process.memoryUsage.rss())}`,
      ratio: resident / mostMemory,
      met: resident <= mostMemory,
    },
  ];
}
