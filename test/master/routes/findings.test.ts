// Findings over HTTP: filtered, grouped, paged, streamed, of the past, and in other answers.
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../../master/findings/contract.ts';
import type { TestApp } from '../../support/app.ts';
import { ago, an, deployment, findingGraph, ingress, noon, service } from '../../support/finding-graph.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { createWorld, step } from '../../support/random-steps.ts';
import { createRecordedApp, type RecordedApp } from '../../support/recorded-app.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** Shared by tests that change nothing. */
let kept: TestApp | undefined;
afterAll(() => kept?.app.close());
const shared = (): TestApp => (kept ??= made());

function open(): TestApp {
  const graph = made();
  opened.push(() => graph.app.close());
  return graph;
}

function made(): TestApp {
  const { graph } = findingGraph([
    service('cart', { selector: { app: 'none' } }),
    ingress('i', 'a.example', 'gone'),
    deployment('web', { containers: [{ name: 'a', image: 'web:latest' }] }),
    an('ServiceAccount', 'shop/default'),
    an('Deployment', 'lab/try', {
      spec: { template: { spec: { containers: [{ name: 'a', envFrom: [{ configMapRef: { name: 'gone' } }] }] } } },
    }),
    an('Namespace', 'lab', {}, { annotations: { 'cluster-insight.io/accept': 'reference-missing=a lab' } }),
  ]);
  return graph;
}

async function ask<T = { findings: Finding[]; total: number }>(
  { app }: TestApp,
  path: string,
  headers = {},
): Promise<T> {
  const answer = await app.inject({ url: path, headers });
  expect(answer.statusCode, answer.payload).toBe(200);
  return JSON.parse(answer.payload) as T;
}

const names = ({ findings }: { readonly findings: readonly Finding[] }) => findings.map(({ name }) => name);

describe('GET /cluster/findings', () => {
  test('lists the worst first, advice only where it is asked for', async () => {
    const graph = shared();
    const all = await ask(graph, '/cluster/findings');
    expect(names(all)).toEqual(
      ['host-leads-nowhere', 'reference-missing', 'route-backend-missing', 'service-selects-nothing'].filter((name) =>
        names(all).includes(name),
      ),
    );
    expect(names(all)).not.toContain('image-mutable');
    expect(names(await ask(graph, '/cluster/findings?class=advice'))).toContain('image-mutable');
  });

  test.each([
    ['severity=%3E%3Dhigh&name=route-*', ['route-backend-missing']],
    ['severity=low', []],
    ['namespace=lab', ['reference-missing']],
    ['type=svc', ['service-selects-nothing']],
    ['resource=Ingress:shop/i&name=route-*', ['route-backend-missing']],
    ['accepted=true', ['reference-missing']],
    ['accepted=false&namespace=lab', []],
    ['name=oom-killed', []],
  ])('narrowed by %s', async (query, found) => {
    expect(names(await ask(shared(), `/cluster/findings?${query}`))).toEqual(found);
  });

  test('by id finds one, whatever its class', async () => {
    const graph = shared();
    const [advice] = (await ask(graph, '/cluster/findings?name=image-mutable&class=advice')).findings;
    expect((await ask(graph, `/cluster/findings?id=${advice?.id}`)).findings).toEqual([advice]);
  });

  test('counts accepted ones apart, and tells what is undecided', async () => {
    const { counts, undecided } = await ask<{
      counts: { accepted: number; broken: { [severity: string]: number } };
      undecided: unknown[];
    }>(shared(), '/cluster/findings?namespace=lab');
    expect(counts).toMatchObject({ accepted: 1, broken: { critical: 0 } });
    expect(undecided).toEqual(expect.any(Array));
  });

  test('in groups', async () => {
    const { groups } = await ask<{ groups: { key: string; findings: number; worst: string }[] }>(
      shared(),
      '/cluster/findings?by=namespace&class=*',
    );
    expect(groups.map(({ key }) => key)).toEqual(expect.arrayContaining(['shop', 'lab']));
    expect(groups.every(({ findings }) => findings > 0)).toBe(true);
  });

  test('in pages that make up the whole', async () => {
    const graph = shared();
    const whole = await ask(graph, '/cluster/findings?class=*');
    const pages: Finding[] = [];
    for (let cursor = ''; ; ) {
      const page = await ask<{ findings: Finding[]; cursor?: string }>(
        graph,
        `/cluster/findings?class=*&limit=2${cursor}`,
      );
      pages.push(...page.findings);
      if (page.cursor === undefined) break;
      cursor = `&cursor=${page.cursor}`;
    }
    expect(pages).toEqual(whole.findings);
    expect(whole.findings.length).toBeGreaterThan(3);
  });

  test('one a line', async () => {
    const { payload, headers } = await shared().app.inject({
      url: '/cluster/findings',
      headers: { accept: 'application/x-ndjson' },
    });
    const lines = payload
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { total?: number });
    expect(headers['content-type']).toMatch(/ndjson/);
    expect(lines.at(-1)?.total).toBe(lines.length - 1);
  });

  test('has a validator that changes with what is wrong', async () => {
    const graph = open();
    const first = await graph.app.inject('/cluster/findings');
    const again = await graph.app.inject({
      url: '/cluster/findings',
      headers: { 'if-none-match': String(first.headers['etag']) },
    });
    expect(again.statusCode).toBe(304);
    graph.engine.transact(() => graph.engine.setSource('kinds', 'Service', { state: 'forbidden', since: noon }));
    const changed = await graph.app.inject({
      url: '/cluster/findings',
      headers: { 'if-none-match': String(first.headers['etag']) },
    });
    expect(changed.statusCode).toBe(200);
  });

  test.each([
    ['class=bad', 'class'],
    ['severity=%3E%3Dbad', 'severity'],
    ['severity=bad', 'severity'],
    ['cursor=bad', 'cursor'],
    ['type=nonsuch', 'type'],
    ['by=colour', 'by'],
  ])('refuses %s and names the parameter', async (query, parameter) => {
    const { statusCode, payload } = await shared().app.inject(`/cluster/findings?${query}`);
    expect(statusCode).toBe(400);
    expect(payload).toContain(parameter);
  });
});

test('a resource says what is wrong with it, and what harms it', async () => {
  const graph = shared();
  const { findings } = await ask(graph, '/cluster/resources/ingress/shop/i');
  expect(names({ findings })).toEqual(['route-backend-missing']);
  expect(names(await ask(graph, '/cluster/resources/namespace/lab'))).toEqual([]);
});

test('groups say how much is wrong in each', async () => {
  const { findings } = await ask<{ findings: { [id: string]: { accepted: number } } }>(
    shared(),
    '/cluster/groups?by=namespace',
  );
  expect(findings['ResourceGroup:lab']).toMatchObject({ accepted: 1 });
  expect(findings['ResourceGroup:shop']?.accepted).toBe(0);
});

test('what groups and resources are told has a validator that changes with what is wrong, though the graph does not', async () => {
  const spec = { type: 'LoadBalancer', ports: [{ port: 80 }] };
  const world = findingGraph([an('Service', 'shop/cart', { spec }, { creationTimestamp: ago(5) })]);
  opened.push(() => world.graph.app.close());
  const ask = (url: string, etag?: unknown) =>
    world.graph.app.inject({ url, headers: etag === undefined ? {} : { 'if-none-match': String(etag) } });
  const paths = ['/cluster/groups?by=namespace', '/cluster/resources/service/shop/cart'];
  const tags = [];
  for (const path of paths) tags.push((await ask(path)).headers['etag']);
  for (const [at, path] of paths.entries()) expect((await ask(path, tags[at])).statusCode).toBe(304);
  const { revision } = world.graph.engine;
  world.now += 6 * 60_000;
  for (const [at, path] of paths.entries()) {
    const { statusCode, payload } = await ask(path, tags[at]);
    expect(statusCode).toBe(200);
    expect(payload).toContain(at === 0 ? '"ResourceGroup:shop"' : 'load-balancer-pending');
  }
  expect(world.graph.engine.revision).toBe(revision);
});

test('of a moment of the past what was wrong then is found', async () => {
  const clock = { now: Date.now() - 3_600_000 };
  const recorded = createRecordedApp({ clock: () => clock.now });
  opened.push(() => recorded.close());
  const sink = (kind: string) =>
    recorded.store.sinkOf({ kind, group: '', versions: ['v1'], plural: `${kind.toLowerCase()}s`, namespaced: true });
  const cart = service('cart', { selector: { app: 'none' } });
  sink('Service').event('ADDED', structuredClone(cart));
  await recorded.start();
  const then = new Date(clock.now).toISOString();
  clock.now += 60_000;
  sink('Service').event('DELETED', structuredClone(cart));
  await expect.poll(async () => names(await recorded.json('/cluster/findings?namespace=shop'))).toEqual([]);
  await expect
    .poll(async () => {
      const { status, text } = await recorded.ask(`/cluster/findings?namespace=shop&at=${then}`);
      return status === 200 ? names(JSON.parse(text) as { findings: Finding[] }) : text;
    })
    .toEqual(['service-selects-nothing']);
});

describe('of a moment of the past', () => {
  const minute = 60_000;
  const orphan = (created: number, owner: string) => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: owner,
      namespace: 'shop',
      uid: `rs-${owner}`,
      creationTimestamp: new Date(created).toISOString(),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: owner, uid: 'gone', controller: true }],
    },
    spec: { replicas: 0 },
  });
  const put = ({ store }: RecordedApp, object: object & { readonly kind: string }) =>
    store.sinkOf(kindNamed(object.kind)).event('ADDED', object as never);

  test('what lasts for long is found although nothing changed since', async () => {
    const begin = Date.now() - 60 * minute;
    const recorded = createRecordedApp({ clock: () => begin });
    opened.push(() => recorded.close());
    put(recorded, orphan(begin - 9 * minute, 'web'));
    await recorded.start();
    const at = async (time: number) =>
      names(await recorded.json(`/cluster/findings?namespace=shop&at=${new Date(time).toISOString()}`));
    expect(await at(begin + 1000)).not.toContain('owner-missing');
    expect(await at(begin + 2 * minute)).toContain('owner-missing');
  });

  test.each([61, 63])('all is found that was found then, but for what takes having watched (%i)', async (seed) => {
    const begin = Date.now() - 60 * minute;
    const recorded = createRecordedApp({ clock: () => begin });
    opened.push(() => recorded.close());
    const world = createWorld(recorded);
    for (const each of fc.sample(step, { numRuns: 200, seed })) world.run(each);
    put(recorded, orphan(begin - 30 * minute, 'old'));
    await recorded.start();
    const question = '/cluster/findings?limit=10000';
    const at = new Date(begin + 1).toISOString();
    type Answer = { readonly findings: Finding[]; readonly undecided: readonly { readonly name: string }[] };
    const then = await recorded.json<Answer>(`${question}&at=${at}`);
    const watched = new Set(then.undecided.map(({ name }) => name));
    const found = ({ findings }: Answer) =>
      findings.flatMap(({ name, resource, field }) => (watched.has(name) ? [] : `${name} ${resource} ${field}`)).sort();
    expect(found(then)).toContain('owner-missing ReplicaSet:shop/old metadata.ownerReferences[0]');
    await expect.poll(async () => found(await recorded.json<Answer>(question))).toEqual(found(then));
  });
});
