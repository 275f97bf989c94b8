// The cost of a minion for its node, in front of a real dockerd and containerd with running containers. Each figure is compared
// with the socket itself in the same run, and the relay also with nginx, which neither parses nor redacts.
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { containerd } from '../support/engines/containerd.ts';
import { docker } from '../support/engines/docker.ts';
import type { TestEngine } from '../support/engines/engine.ts';
import { missing, startEngine } from '../support/engines/index.ts';
import { type MinionProcess, spawnMinion } from '../support/minion-process.ts';
import { median } from './http.ts';
import { mib, ms, type Row } from './table.ts';
import { nginxBefore } from './yardsticks.ts';

const containers = 100;
const rounds = 30;
/** Just above the second within which a snapshot is answered from the cache. */
const scaledRound = 1050;
/** Period of a master's rounds in production. */
const realRound = 10_000;

export async function minionRows(): Promise<Row[]> {
  return [...(await rowsOn(docker, dockerRows)), ...(await rowsOn(containerd, containerdRows))];
}

async function rowsOn(kind: typeof docker | typeof containerd, measure: (engine: TestEngine) => Promise<Row[]>) {
  const absent = missing(kind);
  if (absent === undefined) return withEngine(kind, measure);
  const words = { target: '≤ 100 MB, ≤ 1 % of a core', measured: '–', yardstick: absent };
  return [{ figure: `minion on ${kind.name}`, ...words, met: undefined }];
}

async function withEngine(kind: typeof docker | typeof containerd, measure: (engine: TestEngine) => Promise<Row[]>) {
  const engine = await startEngine(kind);
  try {
    const ids = Array.from({ length: containers }, (_, index) => index);
    await Promise.all(
      [0, 1, 2, 3].map(async (lane) => {
        for (const index of ids.filter((one) => one % 4 === lane)) {
          await engine.run({ name: `bench-${index}`, args: ['/bin/sleep', '100000'], env: { INDEX: String(index) } });
        }
      }),
    );
    return await measure(engine);
  } finally {
    await engine.close();
  }
}

async function dockerRows(engine: TestEngine): Promise<Row[]> {
  const minion = await spawnMinion(engine.socket);
  try {
    return [...(await relayRows(minion, engine.socket)), ...(await costRows(minion, 'Docker'))];
  } finally {
    await minion.close();
  }
}

async function containerdRows(engine: TestEngine): Promise<Row[]> {
  const minion = await spawnMinion(engine.socket);
  try {
    return await costRows(minion, 'containerd');
  } finally {
    await minion.close();
  }
}

async function costRows(minion: MinionProcess, name: string): Promise<Row[]> {
  let etag = await round(minion, '');
  await delay(scaledRound);
  etag = await round(minion, etag);
  const before = await minion.usage();
  let unchanged = 0;
  for (let index = 0; index < rounds; index++) {
    await delay(scaledRound);
    const now = await round(minion, etag);
    if (now === etag) unchanged++;
    etag = now;
  }
  const after = await minion.usage();
  const share = (100 * (after.cpu - before.cpu) * 1000) / (rounds * realRound);
  return [
    {
      figure: `minion on ${name}: share of a core, ${containers} containers, 10 s round`,
      target: '≤ 1 %',
      measured: `${share.toFixed(2)} %`,
      yardstick: `processor time of ${rounds} rounds run ${scaledRound} ms apart, a round counted as ${realRound / 1000} s; ${unchanged} answered 304`,
      met: share <= 1,
    },
    memoryRow(name, after.resident),
  ];
}

/** Started as usual: `node src/main.ts minion`. */
function memoryRow(name: string, resident: number): Row {
  return {
    figure: `minion on ${name}: resident memory, ${containers} containers`,
    target: '≤ 100 MB',
    measured: mib(resident),
    yardstick: `100 MB; this benchmark's own process has ${mib(process.memoryUsage.rss())}`,
    ratio: resident / 100e6,
    met: resident <= 100e6,
  };
}

/** A conditional request as a master sends it; returns the new ETag. */
async function round(minion: MinionProcess, etag: string): Promise<string> {
  const response = await fetch(`${minion.url}/snapshot`, { headers: { 'if-none-match': etag || '"none"' } });
  await response.arrayBuffer();
  return response.headers.get('etag') ?? '';
}

const calls = ['/containers/json', '/containers/bench-7/json', '/containers/bench-7/top?ps_args=aux', '/version'];
const times = 200;

/** Medians in milliseconds. */
interface Times {
  readonly direct: number;
  readonly relayed: number;
  /** Undefined if nginx is not installed. */
  readonly passed: number | undefined;
}

async function relayRows({ url }: MinionProcess, socketPath: string): Promise<Row[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const nginx = await nginxBefore(socketPath);
  try {
    const all: Times[] = [];
    for (const path of calls) {
      const places = [{ socketPath }, placeOf(url), ...(nginx ? [placeOf(nginx.url)] : [])];
      const [direct = 0, relayed = 0, passed] = await medians(places.map((place) => ({ ...place, path, agent })));
      all.push({ direct, relayed, passed });
    }
    const rows = calls.map((path, index) => relayRow(`GET ${path.replace('bench-7', ':id')}`, all[index] as Times));
    return [relayRow(`list, inspect, top and version together, ${containers} containers`, sum(all)), ...rows];
  } finally {
    agent.destroy();
    await nginx?.close();
  }
}

function placeOf(url: string) {
  const { hostname, port } = new URL(url);
  return { hostname, port };
}

/** Alternates, so that other load affects all equally. */
async function medians(requests: readonly object[]): Promise<number[]> {
  const samples = requests.map((): number[] => []);
  for (let index = 0; index < times; index++)
    for (const [at, request] of requests.entries()) samples[at]?.push(await timed(request));
  return samples.map(median);
}

function sum(all: readonly Times[]): Times {
  const of = (one: (times: Times) => number | undefined) => all.reduce((total, each) => total + (one(each) ?? NaN), 0);
  const passed = of((each) => each.passed);
  return { direct: of((each) => each.direct), relayed: of((each) => each.relayed), passed: passed || undefined };
}

function relayRow(what: string, { direct, relayed, passed }: Times): Row {
  const nginx = passed ? `; through nginx ${ms(passed)}, ${(passed / direct).toFixed(2)} ×` : '';
  return {
    figure: `minion relay: ${what}`,
    target: '≤ 1.3 × the socket',
    measured: ms(relayed),
    yardstick: `${ms(direct)} at dockerd's own socket${nginx} (medians of ${times})`,
    ratio: relayed / direct,
    met: relayed <= 1.3 * direct,
  };
}

function timed(options: object): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(options, (answer) => {
      answer.resume().once('end', () => resolve(performance.now() - began));
    });
    sent.once('error', reject).end();
  });
}
