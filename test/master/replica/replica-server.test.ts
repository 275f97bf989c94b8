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
    const text = reader.body as ReadableStream<Uint8Array>;
    const read = text.getReader();
    const decoder = new TextDecoder();
    let seen = '';
    while (!seen.includes('event: change')) seen += decoder.decode((await read.read()).value);
    expect(seen).toContain(`id: abcd0123-${revision + 1}`);
    const another = await createMaster('eeee9999');
    await feed(server, 'test', another.messages);
    // The stream ends, and a client that resumes with the old id is told to read again.
    for (;;) if ((await read.read()).done) break;
    const again = await fetch(`${url}/cluster/watch`, { headers: { 'last-event-id': `abcd0123-${revision}` } });
    const second = (again.body as ReadableStream<Uint8Array>).getReader();
    let afterwards = '';
    while (!afterwards.includes('event: resync')) afterwards += decoder.decode((await second.read()).value);
    await second.cancel();
    expect(await (await fetch(`${url}/cluster`)).text()).toBe(await another.cluster());
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

  test('what is stale is served, and says so', async () => {
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

  test('tells nobody whose tokens are of one cluster which others there are', async () => {
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

  test('lets nobody in where nobody can be asked who they are', async () => {
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
      const { date: _, 'content-length': __, ...rest } = Object.fromEntries(answer.headers);
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
