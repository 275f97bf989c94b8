import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { InputLog } from '../../../master/graph/replication/input-log.ts';
import type { LogMessage } from '../../../master/graph/replication/messages.ts';
import { ReplicaServer, withoutCluster } from '../../../master/replica/replica-server.ts';
import { silentLogger } from '../../../src/logger.ts';
import { readConfig } from '../../../src/settings/config.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createMemoryLog, usualKinds } from '../../support/input-logs.ts';
import { kindNamed } from '../../support/random-cluster.ts';

const patient = { timeout: 20_000 };
const opened: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

interface TellingMaster extends TestApp {
  readonly messages: readonly LogMessage[];
  readonly log: InputLog;
  put(...names: string[]): void;
}

async function createMaster(epoch = 'abcd0123', term = '1'): Promise<TellingMaster> {
  let now = Date.parse('2026-01-01T00:00:00.000Z');
  const master = createTestApp({ mirrored: true, epoch, clock: () => (now += 1000) });
  const { engine, mirror, store } = master;
  for (const kind of usualKinds.values()) store.sinkOf(kind).state('synced');
  engine.changes.record();
  if (!mirror) throw new Error('it is mirrored');
  const { messages, log, keyframe } = createMemoryLog({
    ...{ engine, mirror, epoch, term },
    limit: master.engineOptions.limit as NonNullable<typeof master.engineOptions.limit>,
    createdBy: 'cluster-insight 0.0.0',
  });
  const put = (...names: string[]) => {
    for (const name of names)
      store.sinkOf(kindNamed('Pod')).event('ADDED', {
        metadata: { name, namespace: 'shop', uid: name },
        spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'redis' }] },
      });
  };
  put('a', 'b');
  await keyframe();
  opened.push(() => master.app.close());
  return { ...master, messages, log, put };
}

async function serve(only: string | undefined, ...settings: string[]) {
  const config = readConfig({}, [
    'replica',
    '--stream',
    'nats://127.0.0.1:1',
    '--port',
    '0',
    '--history',
    'off',
    ...settings,
  ]);
  const server = new ReplicaServer({
    ...{ config, logger: silentLogger, build: { version: '0.0.0' }, only },
    reviewerOf: () => undefined,
  });
  const url = await server.listen();
  opened.push(() => server.close());
  const ask = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${url}${path}`, init);
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  return { server, url, ask };
}

async function feed(server: ReplicaServer, cluster: string, messages: readonly LogMessage[]): Promise<void> {
  for (const message of messages) await server.member(cluster).replica.receive(message);
}

/** The events of a stream, comments left out. */
function eventsOf({ body }: Response) {
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let rest = '';
  return {
    /** Rejects where the stream ends before. */
    async next(): Promise<string> {
      for (;;) {
        const end = rest.indexOf('\n\n');
        const block = rest.slice(0, end);
        if (end >= 0) rest = rest.slice(end + 2);
        if (end >= 0 && block.includes('event: ')) return block;
        if (end >= 0) continue;
        const { done, value } = await reader.read();
        if (done) throw new Error(`the stream ended, with ${rest}`);
        rest += decoder.decode(value, { stream: true });
      }
    },
    cancel: () => reader.cancel(),
  };
}
type Events = ReturnType<typeof eventsOf>;

interface Held {
  readonly revision: number;
  readonly resources: ReadonlyMap<string, unknown>;
  readonly relations: ReadonlyMap<string, unknown>;
}

interface Wire {
  readonly revision: number;
  readonly resources?: readonly { readonly id: string }[];
  readonly relations?: readonly Ends[];
}
interface Ends {
  readonly type: string;
  readonly source: string;
  readonly target: string;
}
interface Lists<T, R> {
  readonly added?: readonly T[];
  readonly changed?: readonly T[];
  readonly removed?: readonly R[];
}

const keyOf = ({ type, source, target }: Ends) => `${source} ${type} ${target}`;

function heldOf({ revision, resources = [], relations = [] }: Wire): Held {
  const byId = new Map(resources.map((each) => [each.id, each]));
  return { revision, resources: byId, relations: new Map(relations.map((each) => [keyOf(each), each])) };
}

/** A client as in docs/live.md: keeps the graph by events, and reads all of it on `resync`. */
class WatchReader {
  held: Held = heldOf({ revision: 0 });
  resyncs = 0;
  #id = '';
  #epoch: string;

  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  async read(url: string): Promise<void> {
    this.held = heldOf((await (await fetch(`${url}/cluster`)).json()) as Wire);
    this.#id = `${this.#epoch}-${this.held.revision}`;
  }

  /** Resumes there. */
  async open(url: string): Promise<Events> {
    return eventsOf(await fetch(`${url}/cluster/watch`, { headers: { 'last-event-id': this.#id } }));
  }

  /** Until it has the revision of the epoch. */
  async follow(events: Events, url: string, revision: number, epoch = this.#epoch): Promise<void> {
    while (this.held.revision < revision || this.#epoch !== epoch) await this.#take(await events.next(), url, epoch);
    await events.cancel();
  }

  async watch(url: string, revision: number, epoch = this.#epoch): Promise<void> {
    await this.follow(await this.open(url), url, revision, epoch);
  }

  async #take(block: string, url: string, epoch: string): Promise<void> {
    if (block.includes('event: resync')) {
      this.resyncs++;
      this.#epoch = epoch;
      return this.read(url);
    }
    const change = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as {
      readonly revision: number;
      readonly resources?: Lists<{ readonly id: string }, string>;
      readonly relations?: Lists<Ends, Ends>;
    };
    // Already in what was read.
    if (change.revision <= this.held.revision) return;
    const [resources, relations] = [new Map(this.held.resources), new Map(this.held.relations)];
    for (const each of [...(change.resources?.added ?? []), ...(change.resources?.changed ?? [])])
      resources.set(each.id, each);
    for (const id of change.resources?.removed ?? []) resources.delete(id);
    for (const each of [...(change.relations?.added ?? []), ...(change.relations?.changed ?? [])])
      relations.set(keyOf(each), each);
    for (const each of change.relations?.removed ?? []) relations.delete(keyOf(each));
    this.held = { revision: change.revision, resources, relations };
    this.#id = `${this.#epoch}-${change.revision}`;
  }
}

describe('a watch client that moves between replicas', () => {
  /** A replica started from a snapshot of another one's graph. */
  async function begunFrom({ server }: Awaited<ReturnType<typeof serve>>) {
    const { served, place } = server.member('test').replica;
    if (!served || !place) throw new Error('it serves nothing');
    const { engine, mirror, engineOptions } = served.target;
    const snapshot = createMemoryLog({
      ...{ engine, mirror, epoch: 'any', term: 'any', createdBy: engineOptions.createdBy },
      limit: served.target.limit,
    });
    await snapshot.keyframe();
    snapshot.log.close();
    const begun = await serve('test');
    const messages = (async function* () {
      yield* snapshot.messages;
    })();
    expect(await begun.server.member('test').replica.restore(messages, place)).toBe(true);
    await expect.poll(async () => (await begun.ask('/readyz')).status, patient).toBe(200);
    return begun;
  }

  async function fedBy(messages: readonly LogMessage[]) {
    const replica = await serve('test');
    await feed(replica.server, 'test', messages);
    await expect.poll(async () => (await replica.ask('/readyz')).status, patient).toBe(200);
    return replica;
  }

  const truthOf = async (master: TellingMaster) => heldOf(JSON.parse(await master.cluster()) as Wire);

  test('resumes at replicas started from the log or a snapshot and at one that is behind, and is told of a new epoch once', async () => {
    const master = await createMaster();
    const all: TellingMaster['messages'] = master.messages;
    const first = await fedBy(all);
    const reader = new WatchReader('abcd0123');
    await reader.read(first.url);
    const late = await fedBy(all);
    const [told, snapped] = [all.length, await begunFrom(first)];
    master.put('c', 'd');
    for (const replica of [first, snapped]) await feed(replica.server, 'test', all.slice(told));
    await reader.watch(first.url, master.engine.revision);
    expect(reader.held).toEqual(await truthOf(master));

    // The late replica catches up while the client is connected: nothing that the client knows is sent again or undone.
    const between = all.length;
    const events = await reader.open(late.url);
    await feed(late.server, 'test', all.slice(told));
    master.put('e');
    await feed(late.server, 'test', all.slice(between));
    await reader.follow(events, late.url, master.engine.revision);
    expect(reader.held).toEqual(await truthOf(master));

    const next = all.length;
    await feed(snapped.server, 'test', all.slice(between));
    master.put('f');
    await feed(snapped.server, 'test', all.slice(next));
    await reader.watch(snapped.url, master.engine.revision);
    expect(reader.held).toEqual(await truthOf(master));
    expect(reader.resyncs).toBe(0);

    // The snapshot is newer than the client's revision: the changes between are unknown here.
    await feed(first.server, 'test', all.slice(between));
    master.put('g');
    await feed(first.server, 'test', all.slice(all.length - 1));
    const newer = await begunFrom(first);
    await reader.watch(newer.url, master.engine.revision);
    expect(reader.held).toEqual(await truthOf(master));
    expect(reader.resyncs).toBe(1);

    // A restarted master, with fewer revisions than before.
    const another = await createMaster('eeee9999');
    await feed(newer.server, 'test', another.messages);
    await expect.poll(async () => (await newer.ask('/cluster')).text, patient).toBe(await another.cluster());
    await reader.watch(newer.url, another.engine.revision, 'eeee9999');
    expect(reader.held).toEqual(await truthOf(another));
    expect(reader.resyncs).toBe(2);
  });

  test('reads everything again if it gives a later revision without epoch, which may be of any master', async () => {
    const master = await createMaster();
    const { url } = await fedBy(master.messages);
    const later = master.engine.revision + 5;
    for (const [query, headers] of [
      [`?revision=${later}`, {}],
      ['', { 'last-event-id': `eeee9999-${later}` }],
    ] as const) {
      const stream = eventsOf(await fetch(`${url}/cluster/watch${query}`, { headers }));
      expect(await stream.next()).toContain('event: resync');
      await stream.cancel();
    }
  });
});

describe('the server of a replica', () => {
  test('says that it is not ready before a graph is whole, and then answers as the master, byte for byte', async () => {
    const master = await createMaster();
    const { server, ask } = await serve('test');
    expect((await ask('/readyz')).text).toContain('no master has told a whole graph yet');
    expect((await ask('/cluster')).status).toBe(503);
    expect((await ask('/livez')).status).toBe(200);
    await feed(server, 'test', master.messages);
    await expect.poll(async () => (await ask('/readyz')).status, patient).toBe(200);
    for (const path of ['/cluster', '/cluster?completeness=full', '/cluster/resources/pods', '/rules', '/debug']) {
      const answer = await ask(path);
      expect(answer.text).toBe((await master.app.inject(path)).payload);
      expect(Number(answer.headers.get('x-cluster-insight-lag'))).toBeGreaterThanOrEqual(0);
    }
    expect((await ask('/metrics')).text).toContain('cluster_insight_replica_state{cluster="test",state="following"} 1');
  });

  test('lets readers of the watch go on with the ids of the master, and has them read again in another epoch', async () => {
    const master = await createMaster();
    const { server, url } = await serve('test');
    await feed(server, 'test', master.messages);
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, patient).toBe(200);
    const told = master.messages.length;
    const { revision } = master.engine;
    const reader = await fetch(`${url}/cluster/watch`, { headers: { 'last-event-id': `abcd0123-${revision}` } });
    master.put('c');
    await feed(server, 'test', master.messages.slice(told));
    const events = eventsOf(reader);
    expect(await events.next()).toContain(`id: abcd0123-${revision + 1}\nevent: change`);
    const another = await createMaster('eeee9999');
    await feed(server, 'test', another.messages);
    // It is told before the stream ends. A client that connects again with that id goes on; one with the old id is told once more.
    const resync = await events.next();
    const { revision: now, timestamp } = another.engine;
    expect(resync).toBe(`id: eeee9999-${now}\nevent: resync\ndata: ${JSON.stringify({ revision: now, timestamp })}`);
    await expect(events.next()).rejects.toThrow('ended');
    const resumed = eventsOf(await fetch(`${url}/cluster/watch`, { headers: { 'last-event-id': `eeee9999-${now}` } }));
    const toldOfOther = another.messages.length;
    another.put('d');
    await feed(server, 'test', another.messages.slice(toldOfOther));
    expect(await resumed.next()).toContain('event: change');
    await resumed.cancel();
    const again = eventsOf(
      await fetch(`${url}/cluster/watch`, { headers: { 'last-event-id': `abcd0123-${revision}` } }),
    );
    expect(await again.next()).toContain('event: resync');
    await again.cancel();
    expect(await (await fetch(`${url}/cluster`)).text()).toBe(await another.cluster());
  });

  test('a watch of one of several clusters is told to read again when its master comes back, and the others go on', async () => {
    const [one, two] = [await createMaster(), await createMaster('eeee9999')];
    const { server, ask, url } = await serve(undefined);
    await feed(server, 'one', one.messages);
    await feed(server, 'two', two.messages);
    await expect.poll(async () => (await ask('/cluster?cluster=two')).status, patient).toBe(200);
    const [ofOne, ofTwo] = await Promise.all(
      ['one', 'two'].map(async (name) => eventsOf(await fetch(`${url}/cluster/watch?cluster=${name}`))),
    );
    const back = await createMaster('cccc4444');
    await feed(server, 'one', back.messages);
    expect(await ofOne?.next()).toMatch(/^id: cccc4444-\d+\nevent: resync\n/);
    const told = two.messages.length;
    two.put('c');
    await feed(server, 'two', two.messages.slice(told));
    expect(await ofTwo?.next()).toContain('event: change');
    await ofTwo?.cancel();
  });

  test('answers for the cluster that is asked about, each by itself', async () => {
    const [one, two] = [await createMaster(), await createMaster('eeee9999')];
    two.put('c');
    const { server, ask } = await serve(undefined);
    await feed(server, 'one', one.messages);
    await feed(server, 'two', two.messages);
    await expect.poll(async () => (await ask('/cluster?cluster=two')).status, patient).toBe(200);
    expect((await ask('/cluster?cluster=one')).text).toBe(await one.cluster());
    expect((await ask('/cluster?cluster=two&type=Pod')).text).toBe((await two.app.inject('/cluster?type=Pod')).payload);
    expect(await ask('/cluster?cluster=three')).toMatchObject({ status: 404, text: expect.stringContaining('three') });
    await expect.poll(async () => (await ask('/cluster')).text.includes('@two/Pod:shop/c'), patient).toBe(true);
    const ids = JSON.parse((await ask('/cluster/resources/pods')).text).resources.map(({ id }: { id: string }) => id);
    expect(ids).toEqual([
      '@one/Pod:shop/a',
      '@one/Pod:shop/b',
      '@two/Pod:shop/a',
      '@two/Pod:shop/b',
      '@two/Pod:shop/c',
    ]);
    const pod = JSON.parse((await ask(`/cluster/resources/pods/${encodeURIComponent('@two/Pod:shop/c')}`)).text);
    expect(pod.resources.map(({ id }: { id: string }) => id)).toContain('@two/Pod:shop/c');
    const groups = JSON.parse((await ask('/cluster/groups?by=cluster')).text);
    expect(groups.resources.map(({ id }: { id: string }) => id)).toEqual(
      expect.arrayContaining(['ResourceGroup:one', 'ResourceGroup:two']),
    );
    const path = await ask('/cluster/path?from=@one/Pod:shop/a&to=@one/Node:n1');
    expect(JSON.parse(path.text).paths).toHaveLength(1);
    expect(JSON.parse((await ask('/cluster/completeness')).text).completeness.clusters.one.state).toBe('synced');
    const clusters = JSON.parse((await ask('/clusters')).text);
    expect(clusters.clusters).toMatchObject([
      { name: 'one', state: 'following', revision: one.engine.revision },
      { name: 'two', state: 'following', revision: two.engine.revision },
    ]);
  });

  test('the graph of several clusters is not updated at each change while it is not read; a reader gets all changes', async () => {
    const master = await createMaster();
    const { server, ask, url } = await serve(undefined);
    const told = master.messages.length;
    await feed(server, 'one', master.messages);
    await expect.poll(async () => (await ask('/readyz')).status, patient).toBe(200);
    await expect.poll(async () => (await ask('/cluster')).text.includes('@one/Pod:shop/a'), patient).toBe(true);
    const revisionOf = async () => JSON.parse((await ask('/cluster/completeness')).text).revision;
    const before = await revisionOf();
    for (let i = 0; i < 20; i++) master.put(`c${i}`);
    await feed(server, 'one', master.messages.slice(told));
    // Probes and documents do not count as reading it.
    for (const path of ['/livez', '/readyz', '/openapi.json']) expect((await ask(path)).status).toBe(200);
    expect((await ask('/cluster')).text).toContain('@one/Pod:shop/c19');
    expect((await revisionOf()) - before).toBeLessThan(10);
    const reader = await fetch(`${url}/cluster/watch`);
    const read = eventsOf(reader);
    master.put('d');
    await feed(server, 'one', master.messages.slice(told + 20));
    while (!(await read.next()).includes('@one/Pod:shop/d'));
    await read.cancel();
  });

  test('a stale graph is served and marked', async () => {
    const master = await createMaster();
    const { server, ask } = await serve('test');
    await feed(server, 'test', master.messages);
    await expect.poll(async () => (await ask('/readyz')).status, patient).toBe(200);
    server.member('test').replica.lose('the log was truncated');
    const answer = await ask('/cluster');
    expect(answer.text).toBe(await master.cluster());
    expect(answer.headers.get('x-cluster-insight-stale-since')).toMatch(/^20/);
    expect(await ask('/readyz?verbose')).toMatchObject({ status: 200, text: expect.stringContaining('truncated') });
    server.member('test').replica.noteBehind(31_000);
    expect(await ask('/readyz')).toMatchObject({ status: 503, text: expect.stringContaining('31 s of test') });
  });

  test('does not reveal other clusters to callers with a token of one', async () => {
    const master = await createMaster();
    const { server, ask } = await serve(undefined, '--auth', 'kubernetes');
    await feed(server, 'test', master.messages);
    await expect.poll(async () => (await ask('/readyz')).status, patient).toBe(200);
    const bodyOf = async (cluster: string) => {
      const { status, text } = await ask(`/cluster?cluster=${cluster}`);
      return [status, (JSON.parse(text) as { code?: string }).code];
    };
    expect(await bodyOf('nowhere')).toEqual(await bodyOf('test'));
    expect((await bodyOf('nowhere'))[0]).toBe(401);
  });

  test('admits no one without an API server to ask', async () => {
    const master = await createMaster();
    const { server, ask } = await serve('test', '--auth', 'kubernetes');
    await feed(server, 'test', master.messages);
    await expect.poll(async () => (await ask('/readyz')).status, patient).toBe(200);
    expect((await ask('/cluster')).status).toBe(401);
    const { status } = await ask('/cluster', { headers: { authorization: 'Bearer x' } });
    expect(status).toBeGreaterThanOrEqual(401);
  });
});

describe('strangers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokens-'));
  const tokens = join(folder, 'tokens');
  writeFileSync(tokens, 'sesame\n');
  afterAll(() => rmSync(folder, { recursive: true }));
  const settings: readonly (readonly string[])[] = [
    ['--auth', 'kubernetes'],
    ['--auth', 'token', '--auth-tokens-file', tokens],
  ];

  test.each(settings)('with %s %s learn neither which clusters there are nor how they stand', async (...auth) => {
    const master = await createMaster();
    const { server, ask } = await serve(undefined, ...auth);
    await feed(server, 'test', master.messages);
    server.member('begun');
    await expect.poll(async () => (await ask('/readyz')).status, patient).toBe(200);
    server.member('test').replica.lose('the log was truncated');
    const seen = async (path: string, cluster: string, headers: Record<string, string>) => {
      const answer = await ask(`${path}${path.includes('?') ? '&' : '?'}cluster=${cluster}`, { headers });
      // Time and length of an answer are the caller's own; so is how long a caller that asks too often has to wait.
      const { date: _, 'content-length': __, 'retry-after': ___, ...rest } = Object.fromEntries(answer.headers);
      const text = answer.text.replace(/"timestamp":"[^"]*"/g, '');
      return { status: answer.status, headers: rest, text };
    };
    const paths = ['/cluster', '/clusters', '/metrics', '/version', '/', '/nowhere', '/readyz?verbose', '/livez'];
    for (const path of [...paths, '/healthz', '/cluster/watch', '/cluster/completeness'])
      for (const headers of [{}, { authorization: 'Bearer ' }, { authorization: 'Basic eDp5' }]) {
        const unknown = await seen(path, 'nowhere', headers);
        expect(await seen(path, 'test', headers), path).toEqual(unknown);
        expect(await seen(path, 'begun', headers), path).toEqual(unknown);
        expect(`${unknown.text}${JSON.stringify(unknown.headers)}`).not.toMatch(/begun|truncated|-lag|stale-since/);
      }
  });

  test('with a token are told what is not there, and how far behind the rest is', async () => {
    const master = await createMaster();
    const { server, ask } = await serve(undefined, ...(settings[1] ?? []));
    await feed(server, 'test', master.messages);
    const headers = { authorization: 'Bearer sesame' };
    await expect.poll(async () => (await ask('/cluster?cluster=test', { headers })).status, patient).toBe(200);
    expect(await ask('/cluster?cluster=nowhere', { headers })).toMatchObject({
      status: 404,
      text: expect.stringContaining('nowhere'),
    });
    expect((await ask('/cluster?cluster=test', { headers })).headers.get('x-cluster-insight-lag')).toMatch(/^\d+$/);
    server.member('begun');
    expect(await ask('/cluster?cluster=begun', { headers })).toMatchObject({ status: 503 });
  });
});

test('the parameter that names a cluster is taken out of a URL, and nothing else', () => {
  expect(withoutCluster('/cluster?cluster=a')).toEqual({ cluster: 'a', url: '/cluster' });
  expect(withoutCluster('/x?a=1&cluster=a%2Fb&b=2')).toEqual({ cluster: 'a/b', url: '/x?a=1&b=2' });
  expect(withoutCluster('/x?mycluster=1')).toEqual({ cluster: undefined, url: '/x?mycluster=1' });
  expect(() => withoutCluster('/x?cluster=%zz')).toThrow('URL-encoded');
});
