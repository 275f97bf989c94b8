// Faults between the API server and the master: after each, the graph equals that of a master without the fault, and meanwhile
// `completeness` reported the truth.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type ApiServer, type Fault, startApiServer } from '../../src/demo/api-server.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { eventually } from '../support/engines/daemon.ts';
import { startMaster, type TestMaster } from '../support/master.ts';
import { root } from '../support/source-tree.ts';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0).reverse()) await each.close();
});

async function openServer(): Promise<ApiServer> {
  const server = await startApiServer({ bookmarkPeriod: 0 });
  closing.push({ close: () => server.stop() });
  return server;
}

async function openMaster(...args: Parameters<typeof startMaster>): Promise<TestMaster> {
  const master = await startMaster(...args);
  closing.push(master);
  return master;
}

const pod = (name: string, nodeName = 'node-1'): KubernetesObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: name } },
    spec: { nodeName, containers: [{ name: 'main', image: 'redis:7' }] },
  }) as unknown as KubernetesObject;

const service = (name: string): KubernetesObject =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { selector: { app: name } },
  }) as unknown as KubernetesObject;

/** Changes Pods during a fault. */
function disturb(server: ApiServer): void {
  server.create(pod('new'));
  server.update(pod('moved', 'node-2'));
  server.delete(pod('gone'));
  server.create(pod('newer'));
  server.update(pod('new', 'node-2'));
}

async function openShop(): Promise<ApiServer> {
  const server = await openServer();
  for (const name of ['node-1', 'node-2'])
    server.create({ apiVersion: 'v1', kind: 'Node', metadata: { name } } as KubernetesObject);
  for (const name of ['new', 'gone']) server.create(service(name));
  for (const name of ['stays', 'moved', 'gone']) server.create(pod(name));
  return server;
}

async function expectAsIfNothingHappened(master: TestMaster, server: ApiServer): Promise<void> {
  await master.caughtUp('Pod', 'pods');
  const fresh = await openMaster(server);
  await fresh.caughtUp('Pod', 'pods');
  const states = ({ engine }: TestMaster) =>
    JSON.stringify([...engine.sources('kinds')].map(([type, { state }]) => [type, state]).sort());
  // A watch that is idle for longer than the stall limit is briefly stale, again and again.
  await eventually('the rest to settle', 30_000, () => states(master) === states(fresh));
  expect(master.timeless()).toEqual(fresh.timeless());
}

interface Case {
  readonly name: string;
  readonly fault: Fault;
  /** States that Pod must have had between two `synced`. */
  readonly told: readonly RegExp[];
  readonly stall?: number;
}

const inWatch: readonly Case[] = [
  { name: 'a stream that is cut', fault: { path: '/pods', effect: 'cut', after: 1 }, told: [/^stale: /] },
  { name: 'a stream that ends', fault: { path: '/pods', effect: 'end', after: 1 }, told: [] },
  {
    name: 'a 410 in mid-watch',
    fault: { path: '/pods', effect: 'expire', after: 1 },
    told: [/^stale: .*(410|old|expired)/i],
  },
  { name: 'a truncated JSON line', fault: { path: '/pods', effect: 'truncate', after: 1 }, told: [/^stale: /] },
  { name: 'a line that is garbage', fault: { path: '/pods', effect: 'garbage', after: 1 }, told: [/^stale: /] },
  {
    name: 'three lines of garbage',
    fault: { path: '/pods', effect: 'garbage', after: 0, times: 4 },
    told: [/^stale: /],
  },
  { name: 'a stream that stalls', fault: { path: '/pods', effect: 'stall', after: 1 }, told: [], stall: 300 },
];

test.each(inWatch)('$name costs nothing', async ({ fault, told, stall }) => {
  const server = await openShop();
  const disarm = server.fault(fault);
  const master = await openMaster(server, stall === undefined ? {} : { stall });
  await master.caughtUp('Pod', 'pods');
  disturb(server);
  await expectAsIfNothingHappened(master, server);
  for (const pattern of told) expect(master.states('Pod')).toContainEqual(expect.stringMatching(pattern));
  // Where a stall is looked for after a moment, a slow machine looks like one.
  if (told.length === 0 && stall === undefined)
    expect(master.states('Pod').filter((state) => state.startsWith('stale'))).toEqual([]);
  expect(master.states('Pod').at(-1)).toBe('synced');
  disarm();
});

test.each<Case>([
  { name: 'a 500', fault: { path: '/pods', watch: false, effect: 'status', code: 500, times: 2 }, told: [/^stale: /] },
  { name: 'a 503', fault: { path: '/pods', watch: false, effect: 'status', code: 503, times: 1 }, told: [/^stale: /] },
  { name: 'no answer', fault: { path: '/pods', watch: false, effect: 'drop', times: 2 }, told: [/^stale: /] },
  { name: 'a body cut short', fault: { path: '/pods', watch: false, effect: 'short', bytes: 200 }, told: [/^stale: /] },
  {
    name: 'a body that is not JSON',
    fault: { path: '/pods', watch: false, effect: 'body', body: '<html>' },
    told: [/^stale: /],
  },
])('a list that gets $name is made again, and what was there stays meanwhile', async ({ fault, told }) => {
  const server = await openShop();
  const master = await openMaster(server);
  await master.caughtUp('Pod', 'pods');
  const before = master.states('Pod').length;
  const fewest: number[] = [];
  master.engine.changes.follow(() => fewest.push(master.engine.counts().get('Pod') ?? 0));
  server.fault(fault);
  server.fault({ path: '/pods', effect: 'expire', after: 0 });
  server.dropConnections();
  server.compact();
  disturb(server);
  await expectAsIfNothingHappened(master, server);
  for (const pattern of told) expect(master.states('Pod').slice(before)).toContainEqual(expect.stringMatching(pattern));
  expect(Math.min(...fewest)).toBeGreaterThanOrEqual(3);
});

test('a 410 on the third page of a list leaves what was there, and the next list is whole', async () => {
  const server = await openShop();
  server.load(
    'pods',
    Array.from(
      { length: 1200 },
      (_, i) =>
        ({ ...pod(`many-${i}`), metadata: { name: `many-${i}`, namespace: 'shop', uid: `u${i}` } }) as KubernetesObject,
    ),
  );
  const master = await openMaster(server);
  await master.caughtUp('Pod', 'pods');
  const counts: number[] = [];
  master.engine.changes.follow(() => counts.push(master.engine.counts().get('Pod') ?? 0));
  server.fault({ path: '/pods', continued: true, skip: 1, effect: 'expired' });
  server.fault({ path: '/pods', effect: 'expire', after: 0 });
  const lists = () => server.requests.count('list pods');
  const listed = lists();
  server.dropConnections();
  server.compact();
  disturb(server);
  await expectAsIfNothingHappened(master, server);
  expect(lists()).toBeGreaterThan(listed + 2);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(1203);
  // In the very first list, too.
  server.fault({ path: '/pods', continued: true, skip: 1, effect: 'expired' });
  const late = await openMaster(server);
  await late.caughtUp('Pod', 'pods');
  expect(late.timeless()).toEqual(master.timeless());
});

test('a forbidden kind is reported as forbidden, names of it are unverified, and once allowed its objects are there', async () => {
  const server = await openShop();
  const disarm = server.fault({
    path: '/nodes',
    effect: 'status',
    code: 403,
    watch: false,
    times: Number.POSITIVE_INFINITY,
  });
  const master = await openMaster(server);
  const node = () => master.timeless().resources.find(({ id }) => id === 'Node:node-1');
  expect(node()?.annotations).toMatchObject({ unverified: true });
  expect(node()?.annotations).not.toHaveProperty('missing');
  expect(JSON.parse(await master.cluster()).completeness).toMatchObject({
    complete: false,
    kinds: { Node: { state: 'forbidden', reason: expect.any(String) } },
  });
  disarm();
  await master.caughtUp('Node', 'nodes');
  expect(node()?.annotations).not.toHaveProperty('unverified');
  expect(JSON.parse(await master.cluster()).completeness.complete).toBe(true);
  await expectAsIfNothingHappened(master, server);
});

test('a kind that becomes forbidden is not shown as if it were read', async () => {
  const server = await openShop();
  const master = await openMaster(server);
  await master.caughtUp('Pod', 'pods');
  const disarm = server.fault({ path: '/pods', effect: 'status', code: 403, times: Number.POSITIVE_INFINITY });
  const disarmWatch = server.fault({
    path: '/pods',
    effect: 'status',
    code: 403,
    watch: true,
    times: Number.POSITIVE_INFINITY,
  });
  server.dropConnections();
  await eventually('the refusal', 30_000, () => master.engine.sources('kinds').get('Pod')?.state === 'forbidden');
  expect(master.engine.counts().get('Pod')).toBeUndefined();
  disarm();
  disarmWatch();
  await expectAsIfNothingHappened(master, server);
});

const folder = join(root, 'src/demo/recorded/watch');
const resources: { readonly [file: string]: readonly [type: string, resource: string] } = {
  'api_v1_nodes.ndjson': ['Node', 'nodes'],
  'api_v1_pods.ndjson': ['Pod', 'pods'],
  'apis_apps_v1_deployments.ndjson': ['Deployment', 'deployments.apps'],
  'apis_apps_v1_replicasets.ndjson': ['ReplicaSet', 'replicasets.apps'],
  'apis_batch_v1_jobs.ndjson': ['Job', 'jobs.batch'],
  'apis_discovery.k8s.io_v1_endpointslices.ndjson': ['EndpointSlice', 'endpointslices.discovery.k8s.io'],
};

test('recorded watch streams, bookmarks included, lead to the graph that lists of the end lead to', async () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ndjson'));
  expect(files.toSorted()).toEqual(Object.keys(resources).toSorted());
  const server = await openServer();
  const replays = files.map((file) => {
    const [type, resource] = resources[file] as readonly [string, string];
    return { type, resource, replay: server.replay(resource, readFileSync(join(folder, file), 'utf8')) };
  });
  const master = await openMaster(server);
  for (const { type, resource } of replays) await master.caughtUp(type, resource);
  const { revision } = master.engine;
  // One by one, in their order: versions only increase.
  const upcoming = () =>
    replays
      .flatMap(({ replay }) => (replay.version === undefined ? [] : [{ replay, version: replay.version }]))
      .sort((a, b) => a.version - b.version)[0];
  for (let next = upcoming(); next; next = upcoming()) {
    next.replay.next();
    server.bookmark();
    // Simultaneous changes would be merged into one; these must stay separate.
    for (let turn = 0; turn < 10; turn++) await nextTurn();
  }
  for (const { type, resource } of replays) await master.caughtUp(type, resource);
  expect(master.engine.revision).toBeGreaterThan(revision + 10);
  for (const { type } of replays) expect(master.states(type).at(-1)).toBe('synced');
  const fresh = await openMaster(server);
  for (const { type, resource } of replays) await fresh.caughtUp(type, resource);
  expect(master.timeless()).toEqual(fresh.timeless());
});

test('bookmarks alone make no revision', async () => {
  const server = await openShop();
  const master = await openMaster(server);
  await master.caughtUp('Pod', 'pods');
  const { revision } = master.engine;
  const reconnects = () => server.requests.entries().length;
  const before = reconnects();
  for (let i = 0; i < 10; i++) server.bookmark();
  server.endWatches();
  await eventually('the watches again', 30_000, () => reconnects() > before + 10);
  expect(master.engine.revision).toBe(revision);
});
