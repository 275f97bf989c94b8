// The demo with its life on, for as long as is asked, while hostile readers do what they can: streams that nobody reads,
// answers that are broken off, requests that are never ended, queries that cost. Heap, memory and descriptors are printed
// as time goes by; they must not grow.
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type Program, startProgram } from '../support/program.ts';
import { text } from './http.ts';
import { mib, ms, type Row, seconds } from './table.ts';

export interface SoakSample {
  /** Seconds since the beginning. */
  readonly at: number;
  /** Bytes. */
  readonly heap: number;
  readonly resident: number;
  readonly descriptors: number;
  /** Milliseconds until /livez answered; undefined where it did not. */
  readonly live: number | undefined;
}

export interface SoakOptions {
  readonly seconds: number;
  readonly say: (line: string) => void;
  /** Milliseconds between two samples. */
  readonly period?: number;
}

/** Open at once of each kind. */
const deaf = 40;
const dawdling = 40;

export async function soak({ seconds: length, say, period = 5_000 }: SoakOptions): Promise<SoakSample[]> {
  const master = await startProgram({ args: ['demo'], env: { CLUSTER_INSIGHT_LOG_LEVEL: 'info' } });
  const stop = new AbortController();
  const hostile = hostileReaders(master.url, stop.signal);
  const began = performance.now();
  const samples: SoakSample[] = [];
  try {
    while (performance.now() - began < length * 1000 && master.child.exitCode === null) {
      await wait(period);
      const sample = await sampleOf(master, performance.now() - began);
      samples.push(sample);
      say(lineOf(sample));
    }
  } finally {
    stop.abort();
    await hostile;
    await master.end();
  }
  return samples;
}

function lineOf({ at, heap, resident, descriptors, live }: SoakSample): string {
  const answered = live === undefined ? 'not answered' : `answered in ${ms(live)}`;
  return `  ${seconds(at * 1000)}: heap ${mib(heap)}, resident ${mib(resident)}, ${descriptors} descriptors, /livez ${answered}`;
}

async function sampleOf({ url, child }: Program, elapsed: number): Promise<SoakSample> {
  const began = performance.now();
  const alive = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(30_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
  const live = alive ? performance.now() - began : undefined;
  const metrics = await text(`${url}/metrics`).catch(() => '');
  const heap = Number(/^cluster_insight_heap_bytes\{of="used"\} (\S+)/m.exec(metrics)?.[1]);
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const resident = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  const descriptors = readdirSync(`/proc/${child.pid}/fd`).length;
  return { at: elapsed / 1000, heap, resident, descriptors, live };
}

/** Resolves once all of them have stopped. */
async function hostileReaders(url: string, signal: AbortSignal): Promise<void> {
  const each = (count: number, one: () => Promise<void>) => Array.from({ length: count }, () => again(one, signal));
  await Promise.all([
    ...each(deaf, () => unread(`${url}/cluster/watch`, 20_000, signal)),
    ...each(deaf, () => unread(`${url}/cluster`, 5_000, signal)),
    ...each(dawdling, () => unended(url, signal)),
    ...each(4, () => costly(url, signal)),
  ]);
}

/** Does it again and again, whatever comes of it. */
async function again(one: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await one().catch(() => undefined);
    await pause(100, signal);
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** Asks, reads nothing of the answer, and breaks it off after a while. */
async function unread(url: string, milliseconds: number, signal: AbortSignal): Promise<void> {
  const asked = http.get(url, { agent: false });
  asked.on('error', () => undefined).on('response', (answer) => answer.pause());
  await pause(milliseconds, signal);
  asked.destroy();
}

/** Begins a request and never ends it. */
async function unended(url: string, signal: AbortSignal): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write('GET /cluster HTTP/1.1\r\nHost: localhost\r\nX-Long: ');
  await pause(10_000, signal);
  socket.destroy();
}

const queries = [
  '/cluster?format=svg',
  '/cluster?format=graphml&compress=1',
  `/cluster/resources?q=${'%2A'.repeat(60)}`,
  '/cluster/resources/pods?labelSelector=a%3Db,c%21%3Dd,e,%21f',
  '/cluster/path?from=Node:node-a&to=Service:shop%2Ffrontend',
  `/${'x'.repeat(4000)}`,
];

async function costly(url: string, signal: AbortSignal): Promise<void> {
  for (const query of queries) {
    if (signal.aborted) return;
    await text(`${url}${query}`, { signal, headers: { 'accept-encoding': 'gzip' } }).catch(() => undefined);
  }
}

/** The least heap of the second half beside that of the first: garbage comes and goes, what leaks stays. */
export function soakRows(samples: readonly SoakSample[]): Row[] {
  const half = samples.length >> 1;
  const [first, second] = [samples.slice(0, half), samples.slice(half)];
  const least = (of: readonly SoakSample[], name: 'heap' | 'descriptors') => Math.min(...of.map((each) => each[name]));
  const [heapFirst, heapSecond] = [least(first, 'heap'), least(second, 'heap')];
  const [opened, open] = [least(first, 'descriptors'), least(second, 'descriptors')];
  const unanswered = samples.filter(({ live }) => live === undefined).length;
  return [
    {
      figure: 'soak: least heap',
      target: 'no growth',
      measured: mib(heapSecond),
      yardstick: `${mib(heapFirst)} in the first half`,
      ratio: heapSecond / heapFirst,
      met: heapSecond <= heapFirst * 1.2,
    },
    {
      figure: 'soak: descriptors',
      target: 'no growth',
      measured: String(open),
      yardstick: `${opened} in the first half`,
      ratio: open / opened,
      met: open <= opened * 1.2,
    },
    {
      figure: 'soak: /livez',
      target: 'always answered',
      measured: `${unanswered} of ${samples.length} not answered`,
      yardstick: '–',
      met: samples.length > 0 && unanswered === 0,
    },
  ];
}
