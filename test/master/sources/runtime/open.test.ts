import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type OpenOptions, openCollector } from '../../../../master/sources/runtime/open.ts';
import { silentLogger } from '../../../../src/logger.ts';
import { nodeToken } from '../../../../src/node-token.ts';
import { type FakeHttp, json, minionAnswer, serve } from '../../../support/fake-http.ts';
import { inspectOf, recordingSink, snapshotOf } from '../../../support/runtime.ts';
import { running, tinyEngine } from '../../../support/tiny-engine.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const refresh = 20;

async function minion(...args: Parameters<typeof serve>): Promise<FakeHttp> {
  const http = await serve(...args);
  closing.push(() => http.close());
  return http;
}

interface Changes {
  readonly config?: Partial<OpenOptions['config']>;
  readonly replace?: NonNullable<OpenOptions['replace']>;
}

/** A collector over real connections with rounds in immediate succession; the sink reports arrivals. */
function collecting(minions: { node: string; url: string }[], { config, replace }: Changes = {}) {
  const sink = recordingSink();
  const waiting = new Set<() => void>();
  const tell = sink.told.push.bind(sink.told);
  sink.told.push = (...lines) => {
    const length = tell(...lines);
    for (const check of waiting) check();
    return length;
  };
  const collector = openCollector({
    sink,
    logger: silentLogger,
    config: { minions, refresh, minionDropAfter: 300_000, keepValues: false, ...config },
    replace: { timeout: 60_000, ...replace },
  });
  closing.push(() => collector.close());
  collector.start();
  const until = (line: string | RegExp) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!sink.told.some((each) => (typeof line === 'string' ? each === line : line.test(each)))) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { sink, collector, until };
}

const whole = (containers: number) =>
  minionAnswer(() => snapshotOf(Array.from({ length: containers }, (_, i) => inspectOf(`c${i}`))));

describe('minions side by side', () => {
  it('each stands for itself: good, bare engine, dead, broken, talking nonsense, too large', async () => {
    const engine = await tinyEngine([running(inspectOf('a'))]);
    closing.push(() => engine.http.close());
    // A port that was free a moment ago may be taken by another program.
    const dead = { url: 'http://127.0.0.1:1' };
    const urls = {
      good: await minion(whole(2)),
      engine: engine.http,
      dead,
      broken: await minion((_, response) => json(response, {}, 500)),
      nonsense: await minion((_, response) => void response.end('<html>')),
      large: await minion((_, response) => json(response, 'x'.repeat(200_000))),
    };
    const minions = Object.entries(urls).map(([node, { url }]) => ({ node, url }));
    const { until, sink } = collecting(minions, { replace: { limit: 100_000 } });
    await Promise.all([
      until('state good synced'),
      until('state engine synced'),
      until('state dead stale The minion cannot be reached: connection refused'),
      until('state broken stale The minion answered with status 500'),
      until('state nonsense stale The minion sent an invalid answer: not JSON'),
      until("state large stale The minion's answer is larger than 100000 bytes"),
    ]);
    expect([...sink.snapshots.keys()].sort()).toEqual(['engine', 'good']);
    expect(sink.of('good')).toEqual(['state good syncing', 'snapshot good 2', 'state good synced']);
  });

  it('that do not answer in time are cut off', async () => {
    const late = new AbortController();
    const http = await minion(() => late.abort());
    const { sink, until } = collecting([{ node: 'n1', url: http.url }], { replace: { deadline: () => late.signal } });
    await until('state n1 stale The minion did not answer within 60000 ms');
    expect(sink.snapshots.size).toBe(0);
  });

  it('come back as soon as they answer, with all they have', async () => {
    const http = await minion((_, response) => json(response, {}, 502));
    const { sink, until } = collecting([{ node: 'n1', url: http.url }]);
    await until(/^state n1 stale/);
    http.answer = whole(3);
    await until('state n1 synced');
    expect(sink.told.slice(-2)).toEqual(['snapshot n1 3', 'state n1 synced']);
  });
});

it('a token that rotates on both sides is followed without an error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'token-'));
  closing.push(() => rm(folder, { recursive: true }));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'first\n');
  let valid = ['first'];
  const given = () => valid.map((token) => `Bearer ${nodeToken(token, 'n1')}`);
  let containers = 1;
  const http = await minion((request, response) => {
    if (!given().includes(request.headers.authorization ?? '')) return json(response, {}, 401);
    return whole(containers)(request, response);
  });
  const { sink, until } = collecting([{ node: 'n1', url: http.url }], { config: { tokenFile } });
  await until('snapshot n1 1');
  valid = ['first', 'second'];
  await writeFile(tokenFile, 'second\n');
  valid = ['second'];
  containers = 2;
  await until('snapshot n1 2');
  expect([...sink.told]).toEqual(['state n1 syncing', 'snapshot n1 1', 'state n1 synced', 'snapshot n1 2']);
});

it('each minion is sent a token of its own, unless the shared one is asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'token-'));
  closing.push(() => rm(folder, { recursive: true }));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'shared-secret');
  for (const minionToken of ['node', 'shared'] as const) {
    const all = await Promise.all(['n1', 'n2'].map(async (node) => ({ node, http: await minion(whole(1)) })));
    const list = all.map(({ node, http }) => ({ node, url: http.url }));
    const { until } = collecting(list, { config: { tokenFile, minionToken } });
    await until('state n1 synced');
    await until('state n2 synced');
    for (const { node, http } of all) {
      const own = minionToken === 'shared' ? 'shared-secret' : nodeToken('shared-secret', node);
      expect(new Set(http.asked.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${own}`]));
    }
  }
});

it('a token file that is not there is the reason of every node, and no end of the collector', async () => {
  const http = await minion(whole(1));
  const tokenFile = join(tmpdir(), 'no-such-folder', 'token');
  const { until } = collecting([{ node: 'n1', url: http.url }], { config: { tokenFile } });
  await until(`state n1 stale The file ${tokenFile} cannot be read: ENOENT`);
  expect(http.asked).toEqual([]);
});

it('a thousand minions are one conditional request each a round, mostly answered with "not modified"', async () => {
  const statuses: number[] = [];
  const { promise: threeRounds, resolve } = Promise.withResolvers<void>();
  const answer = whole(1);
  const http = await minion((request, response) => {
    response.on('finish', () => {
      if (statuses.push(response.statusCode) === 3000) resolve();
    });
    answer(request, response);
  });
  const minions = Array.from({ length: 1000 }, (_, i) => ({ node: `node-${i}`, url: http.url }));
  const { sink, collector } = collecting(minions, { config: { refresh: 1000 } });
  await threeRounds;
  // The last answer may still arrive.
  await expect
    .poll(() => collector.status().filter(({ state }) => state !== 'synced'), { timeout: 20_000 })
    .toEqual([]);
  expect(sink.told.filter((line) => line.startsWith('snapshot'))).toHaveLength(1000);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1000);
  expect(statuses.filter((status) => status === 304).length).toBeGreaterThanOrEqual(2000);
  expect(new Set(http.taken())).toEqual(new Set(['/snapshot']));
});
