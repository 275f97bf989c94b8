import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kinds } from '../../../../master/kinds/index.ts';
import { typeOfKind } from '../../../../master/kinds/lookup.ts';
import type { Client } from '../../../../master/sources/kubernetes/client.ts';
import {
  createReflectors,
  type Reflectors,
  type ReflectorsOptions,
} from '../../../../master/sources/kubernetes/reflectors.ts';
import { type ApiServer, startApiServer } from '../../../../src/demo/api-server.ts';
import { createLogger, silentLogger } from '../../../../src/logger.ts';
import { createMemorySink, type MemorySink } from '../../../support/memory-sink.ts';
import { clientOf, isEqual, pod, shortTimes } from '../../../support/reflecting.ts';

let server: ApiServer;
const open: { reflectors: Reflectors; client: Client }[] = [];

interface Scene {
  readonly reflectors: Reflectors;
  sink(type: string): MemorySink;
  readonly types: () => string[];
  /** Reported states of groups and of what is left out, `family name` to `state: reason`. */
  readonly told: ReadonlyMap<string, string>;
}

async function scene(options: Partial<ReflectorsOptions> & { readonly token?: string } = {}): Promise<Scene> {
  const client = await clientOf(server, options.token);
  const sinks = new Map<string, MemorySink>();
  const sink = (type: string): MemorySink => {
    const found = sinks.get(type) ?? createMemorySink();
    sinks.set(type, found);
    return found;
  };
  const told = new Map<string, string>();
  const reflectors = createReflectors({
    tell(family, name, state, reason) {
      if (state === undefined) told.delete(`${family} ${name}`);
      else told.set(`${family} ${name}`, reason === undefined ? state : `${state}: ${reason}`);
    },
    client,
    kinds,
    sinkOf: (kind) => sink(typeOfKind(kind)),
    config: { refresh: 5 },
    logger: silentLogger,
    times: shortTimes,
    discoveryTimes: { interval: 60_000, soon: [1, 5, 20], backoffBase: 1, backoffCap: 5 },
    ...options,
  });
  open.push({ reflectors, client });
  return { reflectors, sink, told, types: () => Object.keys(reflectors.health().kinds) };
}

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.acme.test' },
  spec: {
    group: 'acme.test',
    scope: 'Namespaced',
    names: { kind: 'Gadget', plural: 'gadgets', singular: 'gadget' },
    versions: [{ name: 'v1', served: true, storage: true }],
  },
};
const gadget = { apiVersion: 'acme.test/v1', kind: 'Gadget', metadata: { name: 'g', namespace: 'shop' } };

beforeEach(async () => {
  server = await startApiServer({ bookmarkPeriod: 0 });
});

afterEach(async () => {
  for (const { reflectors, client } of open.splice(0)) {
    await reflectors.close();
    client.close();
  }
  await server.stop();
});

test('reads every served kind of the registry, and says when all of them are there', async () => {
  for (let i = 0; i < 20; i++) server.create(pod(`pod-${i}`));
  const { reflectors, sink, types } = await scene();
  expect(reflectors.hasSynced()).toBe(false);
  expect(reflectors.waitingFor()).toBe('discovery');
  await reflectors.whenSynced;
  expect(reflectors.hasSynced()).toBe(true);
  expect(reflectors.waitingFor()).toBeUndefined();
  expect(isEqual(sink('Pod'), server)).toBe(true);
  expect(types()).toEqual(expect.arrayContaining(['Pod', 'Deployment', 'ClusterRole', 'CustomResourceDefinition']));
  for (const left of ['Event', 'Lease', 'Endpoints', 'ComponentStatus', 'Binding']) expect(types()).not.toContain(left);
});

test('kinds that are not read say so', async () => {
  const { reflectors, sink } = await scene({ config: { refresh: 5, kinds: { add: [], omit: ['ConfigMap'] } } });
  await reflectors.whenSynced;
  expect(sink('Event').states).toEqual([expect.stringMatching(/^excluded: /)]);
  expect(sink('ConfigMap').states).toEqual([expect.stringMatching(/^excluded: left out by CLUSTER_INSIGHT_KINDS/)]);
  expect(sink('HTTPRoute.gateway.networking.k8s.io').states).toEqual([expect.stringMatching(/^absent: /)]);
  expect(server.requests.count('list configmaps')).toBe(0);
});

test('forbidden kinds are reported and block no others', async () => {
  server.create(pod('p'));
  const rules = [{ verbs: ['list', 'watch'], apiGroups: [''], resources: ['pods'] }];
  server.setUsers([{ username: 'limited', token: 't', rules }]);
  const { reflectors, sink } = await scene({ token: 't' });
  await reflectors.whenSynced;
  expect(sink('Pod').content.size).toBe(1);
  expect(sink('Service').states.at(-1)).toMatch(/^forbidden: services is forbidden/);
  expect(reflectors.health().kinds.Service?.state).toMatchObject({ state: 'forbidden' });
});

test('a kind that the API server fails to list does not block the others for ever', async () => {
  server.addKind({ group: 'acme.test', versions: ['v1'], kind: 'Gadget', plural: 'gadgets', namespaced: true });
  server.fault({
    path: '/gadgets',
    effect: 'status',
    code: 500,
    message: 'conversion webhook failed',
    times: Number.POSITIVE_INFINITY,
  });
  const { reflectors, sink } = await scene({ times: { ...shortTimes, grace: 1 } });
  await reflectors.whenSynced;
  await sink('Gadget.acme.test').until(
    () => sink('Gadget.acme.test').states.at(-1)?.includes('conversion webhook failed') === true,
  );
  expect(reflectors.health().kinds['Gadget.acme.test']?.lists.failed).toBeGreaterThan(2);
});

test('an API server that answers nothing but errors is not synced', async () => {
  server.fault({ path: /^\/apis?\/.*\?limit/, effect: 'status', code: 500, times: Number.POSITIVE_INFINITY });
  const { reflectors } = await scene();
  while ((reflectors.health().kinds.Pod?.lists.failed ?? 0) < 10) await nextTurn();
  expect(reflectors.hasSynced()).toBe(false);
  expect(reflectors.waitingFor()).toMatch(/^(?:\w+, ){4}\w+ and \d+ more$/);
  server.clearFaults();
  await reflectors.whenSynced;
});

test('custom kinds are read from the moment they are defined, and are gone when their definition is', async () => {
  const { reflectors, sink, types } = await scene();
  await reflectors.whenSynced;
  while (server.openWatches() < types().length) await nextTurn();
  server.create(definition);
  server.create(gadget);
  const gadgets = sink('Gadget.acme.test');
  await gadgets.until(() => gadgets.content.has('shop/g'));
  expect(gadgets.content.get('shop/g')).toMatchObject(gadget);
  server.delete(definition);
  await gadgets.until(() => gadgets.states.at(-1)?.startsWith('absent') === true && gadgets.content.size === 0);
  while (types().includes('Gadget.acme.test')) await nextTurn();
});

test('a kind of two served versions is read once, and in the other when the first is no longer served', async () => {
  const both = { group: 'acme.test', versions: ['v2', 'v1'], kind: 'Gadget', plural: 'gadgets', namespaced: true };
  server.addKind(both);
  server.create({ ...gadget, apiVersion: 'acme.test/v2' });
  const { reflectors, sink } = await scene({ discoveryTimes: { interval: 1 } });
  await reflectors.whenSynced;
  expect(reflectors.health().kinds['Gadget.acme.test']?.version).toBe('v2');
  expect(sink('Gadget.acme.test').content.size).toBe(1);
  server.removeKind('gadgets.acme.test');
  server.addKind({ ...both, versions: ['v1'] });
  server.create(gadget);
  while (reflectors.health().kinds['Gadget.acme.test']?.version !== 'v1') await nextTurn();
  const gadgets = sink('Gadget.acme.test');
  await gadgets.until(() => gadgets.content.get('shop/g')?.apiVersion === 'acme.test/v1');
});

test('an API server that is gone makes every kind stale, and all of them synced again, without a new list', async () => {
  const { reflectors, sink, types } = await scene({ times: { ...shortTimes, grace: 1 } });
  await reflectors.whenSynced;
  while (server.openWatches() < types().length) await nextTurn();
  const lists = () => reflectors.health().kinds.Pod?.lists.ok;
  const before = lists();
  await server.stop();
  for (const type of types()) await sink(type).until(() => sink(type).states.at(-1)?.startsWith('stale') === true);
  await server.start();
  for (const type of types()) await sink(type).until(() => sink(type).states.at(-1) === 'synced');
  expect(lists()).toBe(before);
  expect(reflectors.hasSynced()).toBe(true);
});

test('until discovery was answered the API server as a whole is syncing, and says why', async () => {
  await server.stop();
  const { reflectors, told } = await scene();
  expect(told.get('groups *')).toBe('syncing: the API server was not asked yet what it serves');
  while (!told.get('groups *')?.includes('connection refused')) await nextTurn();
  expect(told.get('groups *')).toMatch(/^syncing: the API server does not say what it serves: /);
  expect(reflectors.hasSynced()).toBe(false);
  await server.start();
  await reflectors.whenSynced;
  expect(told.get('groups *')).toBe('synced');
});

test('discovery that answers no more leaves what is read, and is told until it does again', async () => {
  const { reflectors, told } = await scene({
    discoveryTimes: { interval: 1, soon: [1], backoffBase: 1, backoffCap: 5 },
  });
  await reflectors.whenSynced;
  const disarm = server.fault({ path: '/apis', effect: 'status', code: 503, message: 'no', times: 1e9 });
  while (told.get('groups *') !== 'stale: the API server does not say what it serves: no') await nextTurn();
  expect(reflectors.hasSynced()).toBe(true);
  disarm();
  while (told.get('groups *') !== 'synced') await nextTurn();
});

describe('a group that does not answer', () => {
  const group = 'dead.example.com';

  function kindOf(dead: string): void {
    server.addKind({ group: dead, versions: ['v1'], kind: 'Gadget', plural: 'gadgets', namespaced: true });
  }

  test.each(['aggregated', 'legacy'])('is not known from the start, in %s discovery', async (form) => {
    kindOf(group);
    server.setStale(group, true);
    const base = await clientOf(server);
    const client: Client = form === 'legacy' ? withoutAggregation(base) : base;
    const { reflectors, told, types } = await scene({ client });
    await reflectors.whenSynced;
    expect(told.get(`groups ${group}/v1`)).toMatch(/^unknown: /);
    expect(types()).not.toContain(`Gadget.${group}`);
    base.close();
  });

  test('later is not known, and known again when it answers; what was read of it stays', async () => {
    kindOf(group);
    server.create({ apiVersion: `${group}/v1`, kind: 'Gadget', metadata: { name: 'g', namespace: 'shop' } });
    const { reflectors, told, sink } = await scene({ discoveryTimes: { interval: 1 } });
    await reflectors.whenSynced;
    expect(told.has(`groups ${group}/v1`)).toBe(false);
    server.setStale(group, true);
    while (!told.has(`groups ${group}/v1`)) await nextTurn();
    expect(sink(`Gadget.${group}`).content.size).toBe(1);
    server.setStale(group, false);
    while (told.has(`groups ${group}/v1`)) await nextTurn();
  });
});

function withoutAggregation(client: Client): Client {
  return {
    ...client,
    get: (path, options) => client.get(path, { ...options, headers: { accept: 'application/json' } }),
  };
}

test('every kind that is served and not read is reported with the reason', async () => {
  server.addKind({
    group: 'reports.example.com',
    versions: ['v1'],
    kind: 'Report',
    plural: 'reports',
    namespaced: true,
    verbs: ['get', 'list'],
    custom: false,
  });
  const { reflectors, told } = await scene();
  await reflectors.whenSynced;
  expect(told.get('leftOut reports.reports.example.com')).toMatch(/^excluded: it cannot be watched/);
  expect(told.get('leftOut endpoints')).toBe('excluded: EndpointSlices say the same, and more');
  expect(told.get('leftOut sub-resources')).toMatch(/^excluded: \d+ of them/);
});

describe('what may not be read', () => {
  const reader = (namespaces?: string[]) => [
    {
      username: 'limited',
      token: 't',
      rules: [{ verbs: ['list', 'watch'], apiGroups: ['*'], resources: ['*'], ...(namespaces ? { namespaces } : {}) }],
    },
  ];

  test('is one line that names the setting where the rights end at a namespace', async () => {
    server.setUsers(reader(['shop']));
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(JSON.parse(line).msg) };
    const logger = createLogger({ level: 'warn', format: 'json', destination });
    const { reflectors, told } = await scene({ token: 't', logger });
    await reflectors.whenSynced;
    await nextTurn();
    expect(lines).toEqual([expect.stringMatching(/kinds may not be listed .*CLUSTER_INSIGHT_NAMESPACES/)]);
    expect(told.get('groups *')).toBe(`forbidden: ${reflectors.notAllowed()}`);
  });

  test('names the rights that lack where everything else may be read', async () => {
    const but = (resource: string) => ({ verbs: ['list', 'watch'], apiGroups: [''], resources: [resource] });
    server.setUsers([{ username: 'most', token: 't', rules: ['pods', 'services', 'nodes'].map(but) }]);
    const { reflectors } = await scene({ token: 't' });
    await reflectors.whenSynced;
    expect(reflectors.notAllowed()).toMatch(
      /; grant list and watch on them, or leave them out with CLUSTER_INSIGHT_KINDS$/,
    );
  });

  test('is no hint where the namespaces are named already, nor where all may be read', async () => {
    server.setUsers(reader(['shop']));
    const named = await scene({ token: 't', config: { refresh: 5, namespaces: ['shop'] } });
    await named.reflectors.whenSynced;
    expect(named.reflectors.notAllowed()).toMatch(/kinds may not be listed/);
    expect(named.reflectors.notAllowed()).not.toContain('CLUSTER_INSIGHT_NAMESPACES');
    server.setUsers(reader());
    const all = await scene({ token: 't' });
    await all.reflectors.whenSynced;
    expect(all.reflectors.notAllowed()).toBeUndefined();
  });
});

describe('another history', () => {
  test('that one kind sees is listed by all', async () => {
    server.create(pod('p'));
    const { reflectors, sink, types } = await scene();
    await reflectors.whenSynced;
    while (server.openWatches() < types().length) await nextTurn();
    await server.stop();
    server.restore('empty');
    await server.start();
    for (const type of types()) await sink(type).until(() => sink(type).distrusted.at(-1) === true);
    await sink('Pod').until(() => sink('Pod').content.size === 0);
    expect(types().length).toBeGreaterThan(20);
  });

  test('that is ahead of the old one is found by the verification, repaired and counted', async () => {
    server.create(pod('p'));
    const { reflectors, sink, types } = await scene({
      config: { refresh: 5, verify: 1e9 },
      verifierTimes: { settle: 2, soon: 2, rest: 2, look: 2 },
    });
    await reflectors.whenSynced;
    while (server.openWatches() < types().length) await nextTurn();
    await server.stop();
    server.restore('empty');
    for (let i = 0; i < 300; i++) server.create(pod(`new-${i}`));
    await server.start();
    await sink('Pod').until(() => isEqual(sink('Pod'), server));
    while ((reflectors.health().verifications?.repaired ?? 0) === 0) await nextTurn();
    expect(reflectors.health().verifications?.differences).toBeGreaterThan(0);
  });
});

test('resync lists every kind again and says how many were', async () => {
  const { reflectors, sink, types } = await scene();
  await reflectors.whenSynced;
  server.fault({ path: /\/secrets\?limit=500/, effect: 'status', code: 500, message: 'no' });
  const { listed, failed } = await reflectors.resync();
  expect(failed).toEqual({ Secret: 'no' });
  expect(listed).toBe(types().length - 1);
  expect(sink('Pod').states).toEqual(['syncing', 'synced']);
});

test('health counts lists, watches, reconnects and events', async () => {
  const { reflectors, sink } = await scene();
  await reflectors.whenSynced;
  const health = () => reflectors.health().kinds.Pod;
  while (health()?.watches.ok === 0) await nextTurn();
  server.create(pod('p'));
  await sink('Pod').until(() => sink('Pod').content.size === 1);
  server.endWatches();
  while (health()?.watches.ok === 1) await nextTurn();
  expect(health()).toMatchObject({
    version: 'v1',
    lists: { ok: 1, failed: 0 },
    watches: { ok: 2, failed: 0 },
    reconnects: 1,
    events: 1,
  });
  expect(health()?.lastEventAt).toBeGreaterThan(0);
});

test('only so many kinds are listed at once', async () => {
  let [now, most] = [0, 0];
  const client = await clientOf(server);
  async function* counting(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    yield* body;
    now -= 1;
  }
  const counted: Client = {
    ...client,
    async stream(path, options) {
      if (!path.includes('limit=')) return client.stream(path, options);
      most = Math.max(most, ++now);
      const answer = await client.stream(path, options);
      return { ...answer, body: counting(answer.body) };
    },
  };
  const { reflectors } = await scene({ client: counted });
  await reflectors.whenSynced;
  client.close();
  expect(most).toBe(4);
});

test('closing ends every watch', async () => {
  const { reflectors, sink, types } = await scene();
  await reflectors.whenSynced;
  while (server.openWatches() < types().length) await nextTurn();
  await reflectors.close();
  while (server.openWatches() > 0) await nextTurn();
  expect(sink('Pod').states).toEqual(['syncing', 'synced']);
});
