// How soon a write is visible at a thousand writes per second: in the watch and in `/cluster/resources/…`, and how well the
// process answers meanwhile. Slow readers read the whole graph all the time.
import http from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { markPattern, now, type Sample } from './churn.ts';
import { percentile, read, text } from './http.ts';
import type { ApiProcess, MasterProcess } from './processes.ts';

export interface Freshness {
  readonly writes: number;
  readonly seconds: number;
  /** Writes whose mark never appeared. */
  readonly dropped: number;
  /** Maximum delay of the server's writes behind schedule, in milliseconds: if large, the load was lower than intended. */
  readonly behind: number;
  /** Milliseconds. */
  readonly watch: Spread;
  readonly cluster: Spread;
  readonly livez: Spread;
  /** The master's event loop delay from its metrics; undefined if it reports none. */
  readonly loop: number | undefined;
  /** The bench's own event loop delay, 99th percentile in milliseconds: its measurements may be late by this. */
  readonly own: number;
  /** Processor time of the master per write, in milliseconds. */
  readonly cpu: number;
  /** Bytes sent to the slow readers. */
  readonly slowBytes: number;
}

/** Milliseconds between the starts of two slow readers: each socket immediately takes some megabytes. */
const apart = 100;
/** Milliseconds between two samples of the monitor. */
const resolution = 10;

export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  readonly of: number;
}

export interface Load {
  readonly rate: number;
  readonly seconds: number;
  readonly readers: number;
  /** Bytes per second for each. */
  readonly pace: number;
}

export async function freshness(api: ApiProcess, master: MasterProcess, load: Load): Promise<Freshness> {
  const ending = new AbortController();
  const { signal } = ending;
  const seen = new Map<number, number>();
  const polled: number[] = [];
  const livez: number[] = [];
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  const watching = watch(master.url, signal, seen);
  const slow = Array.from({ length: load.readers }, (_, n) =>
    crawl(`${master.url}/cluster`, load.pace, signal, n * apart),
  );
  const probing = probe(`${master.url}/livez`, signal, livez);
  await wait(load.readers * apart + 1000);
  await text(`${master.url}/metrics`);
  const cpu = master.cpu();
  const poller = createPoller(master.url, polled);
  const churned = await api.churn(load.rate, load.seconds, poller.look);
  const used = master.cpu() - cpu;
  await settled(() => seen.size >= churned.marked);
  const loop = loopDelay(await text(`${master.url}/metrics`));
  delay.disable();
  ending.abort();
  await poller.end();
  const sent = await Promise.all(slow);
  await Promise.all([watching, probing]);
  return {
    writes: churned.writes,
    seconds: churned.seconds,
    behind: churned.behind,
    dropped: churned.marked - seen.size,
    watch: spread([...seen.values()]),
    cluster: spread(polled),
    livez: spread(livez),
    loop,
    own: Math.max(0, delay.percentile(99) / 1e6 - resolution),
    cpu: used / churned.writes,
    slowBytes: sent.reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** Waits for pending marks while there is progress. */
async function settled(done: () => boolean): Promise<void> {
  for (let n = 0; n < 100 && !done(); n++) await wait(100);
}

function spread(values: readonly number[]): Spread {
  return {
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
    worst: values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
    of: values.length,
  };
}

/** Records the delay of each mark. */
async function watch(url: string, signal: AbortSignal, seen: Map<number, number>): Promise<void> {
  let rest = '';
  const note = (chunk: Buffer) => {
    const at = now();
    rest += chunk.toString('latin1');
    const end = rest.lastIndexOf('\n') + 1;
    for (const [, mark, written] of rest.slice(0, end).matchAll(markPattern)) {
      if (!seen.has(Number(mark))) seen.set(Number(mark), at - Number(written));
    }
    rest = rest.slice(end);
  };
  await read(`${url}/cluster/watch`, { signal, onChunk: note }).catch((error: unknown) => endOf(signal, error));
}

function endOf(signal: AbortSignal, error: unknown): void {
  if (!signal.aborted) throw error;
}

/** Polls for one sampled write at a time until it is visible. */
function createPoller(url: string, took: number[]) {
  const agent = new http.Agent({ keepAlive: true });
  let busy = false;
  let current: Promise<void> = Promise.resolve();

  async function look(sample: Sample): Promise<void> {
    for (;;) {
      const answer = await text(`${url}/cluster/resources/${sample.type}/${sample.path}`, { agent }).catch(() => '');
      const mark = Number(/"bench\/written":"(\d+)@/.exec(answer)?.[1] ?? 0);
      if (mark >= sample.mark) return void took.push(now() - sample.at);
      if (now() - sample.at > 10_000) return void took.push(10_000);
      await wait(2);
    }
  }

  return {
    look(sample: Sample): void {
      if (busy) return;
      busy = true;
      current = look(sample).finally(() => void (busy = false));
    },
    async end(): Promise<void> {
      await current;
      agent.destroy();
    },
  };
}

async function probe(url: string, signal: AbortSignal, took: number[]): Promise<void> {
  const agent = new http.Agent({ keepAlive: true });
  while (!signal.aborted) {
    took.push((await read(url, { agent })).took);
    await wait(50);
  }
  agent.destroy();
}

/** After a while, reads repeatedly, at most `pace` bytes per second; resolves with the number of bytes. */
async function crawl(url: string, pace: number, signal: AbortSignal, after: number): Promise<number> {
  await wait(after);
  const agent = new http.Agent({ keepAlive: false });
  let bytes = 0;
  const began = performance.now();
  const slowly = async (chunk: Buffer) => {
    bytes += chunk.length;
    const due = (bytes / pace) * 1000 - (performance.now() - began);
    if (due > 5 && !signal.aborted) await wait(due);
  };
  while (!signal.aborted) {
    const { status } = await read(url, { agent, signal, onChunk: slowly }).catch(() => ({ status: 0 }));
    if (status !== 200 && !signal.aborted) await wait(1000);
  }
  return bytes;
}

/** The 99th percentile from /metrics since the previous scrape, in milliseconds. */
function loopDelay(metrics: string): number | undefined {
  const found = /^cluster_insight_event_loop_delay_seconds\{percentile="99"\} ([\d.e+-]+)$/m.exec(metrics);
  return found ? Number(found[1]) * 1000 : undefined;
}
