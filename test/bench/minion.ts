// What a minion costs its node, beside the socket it stands before: a real dockerd and a real containerd with containers
// running. Each figure has its yardstick from the same run.
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { containerd } from '../support/engines/containerd.ts';
import { docker } from '../support/engines/docker.ts';
import type { TestEngine } from '../support/engines/engine.ts';
import { missing, startEngine } from '../support/engines/index.ts';
import { type MinionProcess, spawnMinion, startLeanMinion } from '../support/minion-process.ts';

export interface BenchRow {
  readonly figure: string;
  readonly target: string;
  readonly measured: string;
  readonly yardstick: string;
  readonly ratio: number | undefined;
}

const containers = 100;
const rounds = 30;
/** Just above the second for which a snapshot is answered again without a look at the node. */
const scaledRound = 1050;
/** What a master's round is in life. */
const realRound = 10_000;

export async function minionRows(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  if (!missing(docker)) rows.push(...(await withEngine(docker, dockerRows)));
  if (!missing(containerd)) rows.push(...(await withEngine(containerd, containerdRows)));
  return rows;
}

async function withEngine(
  kind: typeof docker | typeof containerd,
  measure: (engine: TestEngine) => Promise<BenchRow[]>,
) {
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

async function dockerRows(engine: TestEngine): Promise<BenchRow[]> {
  const plain = await spawnMinion(engine.socket);
  await round(plain, '');
  const { resident: plainBytes } = await plain.usage();
  await plain.close();
  const minion = await startLeanMinion(engine.socket);
  try {
    const relay = await relayRows(minion, engine.socket);
    return [
      ...relay,
      ...(await costRows(minion, 'Docker')),
      memoryRow('Docker, plain `node src/main.ts minion`', plainBytes),
    ];
  } finally {
    await minion.close();
  }
}

async function containerdRows(engine: TestEngine): Promise<BenchRow[]> {
  const minion = await startLeanMinion(engine.socket);
  try {
    return await costRows(minion, 'containerd');
  } finally {
    await minion.close();
  }
}

async function costRows(minion: MinionProcess, name: string): Promise<BenchRow[]> {
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
      ratio: share,
    },
    memoryRow(`${name}, as its manifest starts it`, after.resident),
  ];
}

function memoryRow(name: string, resident: number): BenchRow {
  const bare = process.memoryUsage().rss;
  return {
    figure: `minion on ${name}: resident memory, ${containers} containers`,
    target: '≤ 100 MB',
    measured: `${(resident / 1_048_576).toFixed(0)} MiB`,
    yardstick: `this benchmark's own process has ${(bare / 1_048_576).toFixed(0)} MiB`,
    ratio: resident / 104_857_600,
  };
}

/** One conditional request of a master; the ETag it leaves with. */
async function round(minion: MinionProcess, etag: string): Promise<string> {
  const response = await fetch(`${minion.url}/snapshot`, { headers: { 'if-none-match': etag || '"none"' } });
  await response.arrayBuffer();
  return response.headers.get('etag') ?? '';
}

const calls = ['/containers/json', '/containers/bench-7/json', '/containers/bench-7/top?ps_args=aux', '/version'];
const times = 200;

/** Turn and turn about, so that whatever else the machine does falls on both alike. */
async function relayRows(minion: MinionProcess, socketPath: string): Promise<BenchRow[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(minion.url);
  const rows: BenchRow[] = [];
  let direct = 0;
  let relayed = 0;
  for (const path of calls) {
    const samples = { direct: [] as number[], relayed: [] as number[] };
    for (let index = 0; index < times; index++) {
      samples.direct.push(await timed({ socketPath, path, agent }));
      samples.relayed.push(await timed({ hostname, port, path, agent }));
    }
    const [one, other] = [median(samples.direct), median(samples.relayed)];
    direct += one;
    relayed += other;
    rows.push(relayRow(`GET ${path.replace('bench-7', ':id')}`, one, other));
  }
  agent.destroy();
  return [relayRow(`list, inspect, top and version together, ${containers} containers`, direct, relayed), ...rows];
}

function relayRow(what: string, direct: number, relayed: number): BenchRow {
  return {
    figure: `minion relay: ${what}`,
    target: '≤ 1.3 × the socket',
    measured: `${relayed.toFixed(2)} ms`,
    yardstick: `${direct.toFixed(2)} ms at dockerd's own socket (medians of ${times})`,
    ratio: relayed / direct,
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

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
