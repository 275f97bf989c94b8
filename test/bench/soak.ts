// The changing demo for any duration, with history in a folder, findings, and alerts to a webhook that fails every other time.
// Hostile readers leave streams unread, abort answers, never finish requests, and send expensive queries. Heap, memory and
// descriptors are printed; they must not grow.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Program, startProgram } from '../support/program.ts';
import { text } from './http.ts';
import { mib, ms, type Row, seconds } from './table.ts';

export interface SoakSample {
  /** Seconds since the start. */
  readonly at: number;
  /** Bytes. */
  readonly heap: number;
  /** Heap reserved by V8, memory of objects outside of the heap, and cached compressed answers. */
  readonly held: number;
  readonly external: number;
  readonly cache: number;
  readonly resident: number;
  readonly descriptors: number;
  /** Milliseconds until /livez answered; undefined if it did not. */
  readonly live: number | undefined;
}

export interface SoakOptions {
  readonly seconds: number;
  readonly say: (line: string) => void;
  /** Milliseconds between two samples. */
  readonly period?: number;
}

/** Number of open ones of each sort. */
const deaf = 40;
const dawdling = 40;

export async function soak({ seconds: length, say, period = 5_000 }: SoakOptions): Promise<SoakSample[]> {
  const hook = await unreliableHook();
  const folder = mkdtempSync(join(tmpdir(), 'soak-'));
  writeFileSync(join(folder, 'alerts.yaml'), alertsTo(hook.url));
  const master = await startProgram({
    args: ['demo'],
    env: {
      CLUSTER_INSIGHT_LOG_LEVEL: 'info',
      CLUSTER_INSIGHT_HISTORY_DIR: join(folder, 'history'),
      CLUSTER_INSIGHT_ALERTS: join(folder, 'alerts.yaml'),
    },
  });
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
    hook.close();
    rmSync(folder, { recursive: true, force: true });
    say(`  ${hook.messages()} alerts were told`);
  }
  return samples;
}

/** Alerts on every finding and change, immediately and repeatedly. */
function alertsTo(url: string): string {
  return JSON.stringify({
    receivers: [
      { name: 'hook', webhook: { url, allow: ['loopback'], queue: 50, timeout: '2s' } },
      { name: 'lines', log: {} },
    ],
    for: { critical: '0s', high: '0s', medium: '0s', low: '0s', info: '0s' },
    group: {
      by: ['alert', 'namespace'],
      wait: '0s',
      interval: '1s',
      repeat: '1m',
      repeatCritical: '1m',
      perRoot: '0s',
    },
    changes: ['route-removed', 'host-removed', 'image-changed', 'replicas-changed', 'config-data-changed'],
    alerts: [
      { alert: 'came', change: 'added Pod', severity: 'low' },
      { alert: 'went', change: 'removed Pod', severity: 'low' },
    ],
  });
}

interface Hook {
  readonly url: string;
  readonly messages: () => number;
  close(): void;
}

/** Accepts a message, refuses the next, answers the third too late. */
async function unreliableHook(): Promise<Hook> {
  let asked = 0;
  let taken = 0;
  const server = http.createServer((request, response) => {
    request.resume();
    const turn = asked++ % 3;
    if (turn === 0) taken++;
    if (turn < 2) response.writeHead(turn === 0 ? 204 : 503).end('x'.repeat(turn === 0 ? 0 : 100_000));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    messages: () => taken,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function lineOf({ at, heap, held, external, cache, resident, descriptors, live }: SoakSample): string {
  const answered = live === undefined ? 'not answered' : `answered in ${ms(live)}`;
  const memory = `heap ${mib(heap)} of ${mib(held)}, outside ${mib(external)}, answers ${mib(cache)}, resident ${mib(resident)}`;
  return `  ${seconds(at * 1000)}: ${memory}, ${descriptors} descriptors, /livez ${answered}`;
}

async function sampleOf({ url, child }: Program, elapsed: number): Promise<SoakSample> {
  const began = performance.now();
  const alive = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(30_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
  const live = alive ? performance.now() - began : undefined;
  const metrics = await text(`${url}/metrics`).catch(() => '');
  const told = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1]);
  const heap = told('cluster_insight_heap_bytes\\{of="used"\\}');
  const held = told('nodejs_heap_size_total_bytes');
  const external = told('nodejs_external_memory_bytes');
  const cache = told('cluster_insight_compression_cache_bytes');
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const resident = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  const descriptors = readdirSync(`/proc/${child.pid}/fd`).length;
  return { at: elapsed / 1000, heap, held, external, cache, resident, descriptors, live };
}

/** Resolves when all of them have stopped. */
async function hostileReaders(url: string, signal: AbortSignal): Promise<void> {
  const each = (count: number, one: () => Promise<void>) => Array.from({ length: count }, () => again(one, signal));
  await Promise.all([
    ...each(deaf, () => unread(`${url}/cluster/watch`, 20_000, signal)),
    ...each(deaf, () => unread(`${url}/cluster`, 5_000, signal)),
    ...each(deaf / 4, () => unread(`${url}/cluster/findings/watch`, 7_000, signal)),
    ...each(deaf / 4, () => unread(`${url}/cluster/timeline`, 3_000, signal)),
    ...each(dawdling, () => unended(url, signal)),
    ...each(4, () => costly(url, signal)),
  ]);
}

/** Repeats it, ignoring failures. */
async function again(one: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await one().catch(() => undefined);
    await pause(100, signal);
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** Requests, reads nothing of the answer, and aborts after a while. */
async function unread(url: string, milliseconds: number, signal: AbortSignal): Promise<void> {
  const asked = http.get(url, { agent: false });
  asked.on('error', () => undefined).on('response', (answer) => answer.pause());
  await pause(milliseconds, signal);
  asked.destroy();
}

/** Begins a request and never finishes it. */
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
  '/cluster/findings',
  '/cluster/findings?by=resource',
  '/cluster/alerts',
  '/cluster/history',
  '/cluster?at=-10s',
  '/cluster/findings?at=-20s',
  '/cluster/diff?from=-30s',
  '/cluster/groups',
  '/cluster/resources/pods?labelSelector=a%3Db,c%21%3Dd,e,%21f',
  '/cluster/path?from=Node:node-a&to=Service:shop%2Ffrontend',
  `/${'x'.repeat(4000)}`,
];

const message = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const listing = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'findings', arguments: {} },
});

async function costly(url: string, signal: AbortSignal): Promise<void> {
  for (const query of queries) {
    if (signal.aborted) return;
    await text(`${url}${query}`, { signal, headers: { 'accept-encoding': 'gzip' } }).catch(() => undefined);
    await fetch(`${url}/mcp`, { signal, method: 'POST', headers: message, body: listing })
      .then((answer) => answer.text())
      .catch(() => undefined);
  }
}

/** The minimum heap of the second half compared with that of the first: garbage comes and goes, leaks remain. */
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
