// Several tenants of one master: each is answered, whatever another one does.
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { baseBytes } from '../../../master/access/visible-graphs/visible-graphs.ts';
import type { Rule, User } from '../../../src/demo/api-server.ts';
import { ask, type LineStream, openLines } from '../../support/http.ts';
import { createProtectedApp, type ProtectedApp } from '../../support/protected-app.ts';
import { livesIn, shared } from '../../support/two-namespaces.ts';

const master: User = {
  username: 'master',
  token: 'master',
  rules: [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['get'], nonResourceURLs: ['/metrics'] },
  ],
};
const kinds = ['services', 'configmaps', 'serviceaccounts', 'secrets', 'persistentvolumeclaims', 'replicasets'];
const may = (namespace: string, resources: readonly string[] = ['*']): Rule => ({
  verbs: ['list', 'get'],
  apiGroups: ['*'],
  resources: [...resources],
  namespaces: [namespace],
});
/** An account that somebody creates in their own namespace, each with other rights there. */
const account = (namespace: string, i: number): User => ({
  username: `system:serviceaccount:${namespace}:robot-${i}`,
  token: `${namespace}-${i}`,
  rules: [may(namespace, ['pods', ...kinds.filter((_, bit) => (i >> bit) & 1)])],
});
const robots = 20;
const users: readonly User[] = [
  master,
  ...['a', 'c'].flatMap((namespace) => Array.from({ length: robots }, (_, i) => account(namespace, i))),
  // Users: some with rights in one namespace, some in any three.
  ...Array.from({ length: robots }, (_, i): User => ({ ...account('a', i), username: `person-${i}`, token: `p-${i}` })),
  ...Array.from({ length: 7 }, (_, i): User => {
    const rules = ['a', 'c', 'd']
      .filter((_each, bit) => ((i + 1) >> bit) & 1)
      .map((namespace) => may(namespace, ['pods', kinds[i % 6] ?? '']));
    return { username: `wanderer-${i}`, token: `w-${i}`, rules };
  }),
  { username: 'bob', token: 'bob', rules: [may('b')] },
  { username: 'carol', token: 'carol', rules: [may('a')] },
  { username: 'nobody', token: 'nobody', rules: [] },
];
const room = 5;
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

const opened: ProtectedApp[] = [];
const streams: LineStream[] = [];
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  await Promise.all(opened.splice(0).map((app) => app.close()));
});

async function open(recorded = false) {
  const flags = ['--auth', 'kubernetes', '--rate-limit', '0', '--scope-memory', String((room + 0.5) * baseBytes)];
  const app = await createProtectedApp({ users, flags, recorded });
  app.apply([...shared, ...livesIn('a', 'b'), ...livesIn('b', 'a'), ...livesIn('c', 'a')]);
  opened.push(app);
  return { app, url: await app.app.listen({ host: '127.0.0.1', port: 0 }) };
}

async function watch(url: string, token: string): Promise<LineStream> {
  const stream = await openLines(`${url}/cluster/watch`, bearer(token));
  streams.push(stream);
  return stream;
}

describe('views of the graph', () => {
  it('are taken from the caller with most of them when another caller comes, while its streams are open', async () => {
    const { url } = await open();
    const robot = await Promise.all(Array.from({ length: robots }, (_, i) => watch(url, `a-${i}`)));
    expect(robot.filter(({ status }) => status === 200).length).toBe(room);
    expect(robot.filter(({ status }) => status === 503).length).toBe(robots - room);
    for (const token of ['bob', 'carol', 'nobody', 'c-1'])
      expect((await ask(`${url}/cluster`, bearer(token))).status, token).toBe(200);
    const text = (await ask(`${url}/metrics`, bearer('master'))).text;
    expect(text).toMatch(/cluster_insight_cut_off_readers_total\{reason="share"\} [1-9]/);
  });

  it.each([
    ['one namespace, each with other rights there', 'p', robots],
    ['a few namespaces, each in other ones of them', 'w', 7],
  ])('are there for another caller beside many people of %s', async (_what, name, count) => {
    const { url } = await open();
    for (let i = 0; i < count; i++) await watch(url, `${name}-${i}`);
    const bob = await watch(url, 'bob');
    expect(bob.status).toBe(200);
    for (const token of ['c-1', 'nobody']) expect((await ask(`${url}/cluster`, bearer(token))).status, token).toBe(200);
    // Nor do the many accounts take it from him.
    for (let i = 0; i < count; i++) await watch(url, `${name}-${i}`);
    expect((await bob.take(2)).length).toBe(2);
  });

  it('are not taken from a caller with one of them for a caller with many', async () => {
    const { app, url } = await open();
    const bob = await watch(url, 'bob');
    await bob.take(2);
    for (let i = 0; i < robots; i++) await watch(url, `a-${i}`);
    app.time += 1000;
    app.apply(
      livesIn('b', 'a').filter(({ kind }) => kind === 'Service'),
      true,
    );
    const found = await bob.take(6);
    expect(found.join('\n')).toContain('Service:b/web');
  });

  it('of one tenant give room to further names of that tenant', async () => {
    const { url } = await open();
    for (let i = 0; i < robots; i++) expect((await ask(`${url}/cluster`, bearer(`a-${i}`))).status, `${i}`).toBe(200);
  });

  it('are counted with what they cost before they hold anything', async () => {
    const { url } = await open();
    await ask(`${url}/cluster`, bearer('nobody'));
    const bytes = /^cluster_insight_scope_bytes (\S+)/m.exec((await ask(`${url}/metrics`, bearer('master'))).text);
    expect(Number(bytes?.[1])).toBeGreaterThanOrEqual(baseBytes);
  });

  it('leave room for the first request of each caller, whatever one tenant opens and holds', async () => {
    const step = fc.record({
      robot: fc.nat({ max: robots - 1 }),
      namespace: fc.constantFrom('a', 'c'),
      how: fc.constantFrom('stream', 'stream', 'stream', 'once', 'leave'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.constantFrom('bob', 'nobody'), async (steps, token) => {
        const { app, url } = await open();
        for (const { robot, namespace, how } of steps) {
          if (how === 'stream') await watch(url, `${namespace}-${robot}`);
          else if (how === 'once') await ask(`${url}/cluster/resources`, bearer(`${namespace}-${robot}`));
          else streams.splice(0, 1)[0]?.close();
          app.time += 100;
        }
        const answer = await ask(`${url}/cluster`, bearer(token));
        for (const stream of streams.splice(0)) stream.close();
        await opened.pop()?.close();
        expect(answer.status).toBe(200);
      }),
      { numRuns: 8 },
    );
  }, 240_000);
});

const minute = 60_000;
const named = (app: ProtectedApp, milliseconds: number) => new Date(app.time + milliseconds).toISOString();

/** All sorts of questions about one's own namespace. */
const questions: { readonly [name: string]: (app: ProtectedApp, namespace: string) => string } = {
  graph: () => '/cluster',
  past: (app) => `/cluster?at=${named(app, 0)}`,
  diff: (app) => `/cluster/diff?from=${named(app, -minute)}&to=${named(app, 0)}`,
  timeline: (app) => `/cluster/timeline?from=${named(app, -minute)}&to=${named(app, 0)}`,
  history: () => '/cluster/history',
  life: (_app, namespace) => `/cluster/history/pods/${namespace}/web-1`,
  analysis: () => '/cluster/analysis?of=communities',
  findings: () => '/cluster/findings',
  findingsWatch: () => '/cluster/findings/watch',
  watch: () => '/cluster/watch',
  metrics: (_app, namespace) => `/cluster/metrics?of=Pod:${namespace}/web-1`,
  search: () => '/cluster/search?q=web',
  groups: () => '/cluster/groups?by=type',
  mcp: () => '/mcp',
};
const streamed = new Set(['watch', 'findingsWatch']);
const listing = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'search', arguments: { text: 'web' } },
};

describe('whatever one tenant asks and holds open', () => {
  /** Returns the status; streams stay open. */
  async function put(app: ProtectedApp, url: string, token: string, namespace: string, name: string) {
    const path = `${url}${questions[name]?.(app, namespace)}`;
    const { headers } = bearer(token);
    if (streamed.has(name)) {
      const stream = await openLines(path, { headers });
      streams.push(stream);
      return stream.status;
    }
    if (name !== 'mcp') return (await ask(path, { headers })).status;
    const own = { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    return (await ask(path, { method: 'POST', headers: own, body: JSON.stringify(listing) })).status;
  }

  it.each([1, 2])('the first requests of another are answered, of every sort: run %i', async (seed) => {
    const { app, url } = await open(true);
    app.time = Date.now();
    await app.record();
    const all = Object.keys(questions);
    const step = fc.record({ robot: fc.nat({ max: robots - 1 }), how: fc.constantFrom(...all, 'watch', 'analysis') });
    const [steps = []] = fc.sample(fc.array(step, { minLength: 24, maxLength: 32 }), { numRuns: 1, seed });
    // All at once without waiting: some are refused, because they exceed one share.
    const asked = steps.map(({ robot, how }) => put(app, url, `a-${robot}`, 'a', how));
    const answered = () => Promise.all(all.map(async (name) => [name, await put(app, url, 'bob', 'b', name)] as const));
    const good = all.map((name) => [name, 200]);
    expect(await answered()).toEqual(good);
    const statuses = await Promise.all(asked);
    expect(statuses.filter((each) => ![200, 429, 503].includes(each))).toEqual([]);
    expect(statuses).toContain(200);
    // Later requests are not refused either, although streams are open and caches full.
    expect(await answered()).toEqual(good);
  });
});

describe('requests', () => {
  it('of a tenant have a limit of their own, however many names make them', async () => {
    const app = await createProtectedApp({ users, flags: ['--auth', 'kubernetes', '--rate-limit', '2'] });
    opened.push(app);
    const far = { remoteAddress: '192.0.2.7' };
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++)
      statuses.push((await app.app.inject({ url: '/cluster/resources', ...bearer(`a-${i}`), ...far })).statusCode);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429]);
    expect((await app.app.inject({ url: '/cluster/resources', ...bearer('bob'), ...far })).statusCode).toBe(200);
  });
});
