import { describe, expect, test } from 'vitest';
import type { Vertex } from '../../../master/graph/model/vertex.ts';
import { edgesOf } from '../../../master/graph/revisions/read-view.ts';
import { stepsOf } from '../../../master/routes/numbers-span.ts';
import type { PastAnswer, PastNumbers, PastQuestion } from '../../../master/series/past-numbers.ts';
import { Series } from '../../../master/series/series.ts';
import { StandingConnections } from '../../../master/sources/metrics/connections.ts';
import { TelemetrySink } from '../../../master/sources/metrics/telemetry-sink.ts';
import { fault } from '../../../src/errors.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import type { NodeTelemetry } from '../../../src/telemetry-api.ts';
import { createTestApp } from '../../support/app.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { hex, inspectOf, snapshotOf } from '../../support/runtime.ts';

const start = Date.parse('2026-11-20T10:00:30Z');
const minute = 60_000;

const pod: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-0', namespace: 'shop', uid: 'u1', labels: { app: 'web' } },
  spec: {
    nodeName: 'node-a',
    containers: [
      { name: 'app', resources: { requests: { cpu: '250m', memory: '64Mi' }, limits: { memory: '128Mi' } } },
      { name: 'side', resources: { requests: { cpu: '50m' } } },
    ],
  },
};

const running = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True' }],
  containerStatuses: ['app', 'side'].map((name) => ({ name, ready: true, state: { running: {} } })),
};

function world(change = (each: KubernetesObject) => each, prometheus?: PastNumbers) {
  let now = start;
  const series = new Series(1 << 20);
  const test = createTestApp({ clock: () => now, now: () => now, series, prometheus });
  const { engine, store, containers, writer, app } = test;
  store
    .sinkOf(kindNamed('Node'))
    .event('ADDED', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a', uid: 'n' } });
  store.sinkOf(kindNamed('Pod')).event('ADDED', change(structuredClone(pod)));
  const inspects = ['app', 'side'].map((name) => inspectOf(name, { pod: `shop/web-0/${name}/u1` }));
  containers.runtime.snapshot('node-a', snapshotOf(inspects));
  const holders = { '10.96.0.7': { id: 'Service:shop/db', type: 'Service' as const } };
  const sink = new TelemetrySink({
    series,
    connections: new StandingConnections({ addresses: { of: (address) => holders[address as '10.96.0.7'] } }),
    containers,
    writer,
    tell: (node, state, reason) => store.tell('telemetry', node, state, reason),
    clock: () => now,
  });
  const tell = (more: Partial<NodeTelemetry> = {}) => {
    const telemetry = { at: now, probes: {}, numbers: {}, facts: {}, containers: [], connections: [], ...more };
    sink.snapshot('node-a', telemetry);
    sink.state('node-a', 'synced');
  };
  const get = async (query: string) => {
    const response = await app.inject(`/cluster/metrics?${query}`);
    return { status: response.statusCode, body: response.json() };
  };
  return { engine, sink, store, tell, get, series, pass: (ms: number) => void (now += ms), now: () => now };
}

const numbers = (seed: string, cpu: number, memory: number) => ({ id: hex(seed), numbers: { cpu, memory } });

describe('numbers of resources', () => {
  test('of a container are its own, a counter as its rate; of a Pod the sum, with what it asks for', async () => {
    const { tell, get, pass } = world();
    tell({ containers: [numbers('app', 100, 1000), numbers('side', 7, 500)], numbers: { cpu: 50 } });
    pass(minute);
    tell({ containers: [numbers('app', 130, 3000), numbers('side', 13, 500)], numbers: { cpu: 80 } });
    const { body } = await get('of=Pod:shop/web-0,Container:shop/web-0/app,Node:node-a&range=2m');
    expect(body.from).toBe('2026-11-20T10:00:00.000Z');
    expect(body.to).toBe('2026-11-20T10:01:00.000Z');
    expect(body.resources['Container:shop/web-0/app']).toEqual({
      by: ['minion'],
      families: {
        cpu: { unit: 'cores', last: 0.5, values: [null, 0.5] },
        memory: { unit: 'bytes', last: 3000, values: [1000, 3000] },
      },
      requests: { cpu: 0.25, memory: 2 ** 26 },
      limits: { memory: 2 ** 27 },
    });
    const { families, requests, limits, containers } = body.resources['Pod:shop/web-0'];
    expect(families.cpu.last).toBeCloseTo(0.6, 5);
    expect(families.memory).toEqual({ unit: 'bytes', last: 3500, values: [1500, 3500], of: 2 });
    // One container requests no memory: a sum over the others would look complete.
    expect([requests.cpu, requests.memory, limits, containers]).toEqual([expect.closeTo(0.3), undefined, {}, 2]);
    expect(body.resources['Node:node-a'].families).toEqual({ cpu: { unit: 'cores', last: 0.5, values: [null, 0.5] } });
    expect(body.telemetry['node-a'].state).toBe('synced');
  });

  test('containers of a Pod share its traffic: a sum takes it once', async () => {
    const { tell, get, pass } = world();
    const traffic = (networkReceived: number) => ({
      containers: ['app', 'side'].map((name) => ({
        id: hex(name),
        numbers: { networkReceived, diskRead: networkReceived },
      })),
    });
    tell(traffic(0));
    pass(minute);
    tell(traffic(600));
    const { families } = (await get('of=Pod:shop/web-0')).body.resources['Pod:shop/web-0'];
    expect([families.networkReceived.last, families.diskRead.last]).toEqual([10, 20]);
  });

  test('below a root everything that has numbers is told, and nothing else', async () => {
    const { tell, get } = world();
    tell({ containers: [numbers('app', 1, 1000)] });
    const { body } = await get('root=Pod:shop/web-0');
    expect(Object.keys(body.resources)).toEqual(['Container:shop/web-0/app']);
  });

  test('without any name everything is told that has numbers', async () => {
    const { tell, get } = world();
    tell({ containers: [numbers('side', 1, 1000)], numbers: { memoryAvailable: 5 } });
    expect(Object.keys((await get('')).body.resources)).toEqual(['Container:shop/web-0/side', 'Node:node-a']);
  });

  test.each([
    ['namespace=shop', ['Container:shop/web-0/app']],
    ['namespace=sh*', ['Container:shop/web-0/app']],
    ['namespace=!shop', ['Node:node-a']],
    ['namespace=shop&root=Node:node-a', ['Container:shop/web-0/app']],
    ['namespace=data&root=Node:node-a', []],
    ['namespace=shop&root=Pod:shop/web-0', ['Container:shop/web-0/app']],
    ['namespace=data&root=Pod:shop/web-0', []],
    ['namespace=shop&of=pod/web-0', ['Pod:shop/web-0']],
  ])('%s keeps what is in it', async (query, ids) => {
    const { tell, get } = world();
    tell({ containers: [numbers('app', 1, 1000)], numbers: { memoryAvailable: 5 } });
    expect(Object.keys((await get(query)).body.resources)).toEqual(ids);
  });

  test('a namespace that is not there is said, and one that what is named is not in is refused', async () => {
    const { get, store } = world();
    const namespaces = store.sinkOf(kindNamed('Namespace'));
    namespaces.event('ADDED', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', uid: 'ns' } });
    namespaces.state('synced');
    const { resources, unknownNamespaces } = (await get('namespace=shpo')).body;
    expect([resources, unknownNamespaces]).toEqual([{}, [{ name: 'shpo', nearest: 'shop' }]]);
    const { status, body } = await get('of=Pod:shop/web-0&namespace=data');
    expect([status, body.code]).toEqual([400, 'bad_parameter']);
    expect(body.error_message).toContain('Pod:shop/web-0');
  });

  test('of an earlier time, and of one of which nothing is known', async () => {
    const { tell, get, pass } = world();
    tell({ containers: [numbers('app', 1, 1000)] });
    pass(5 * minute);
    const at = async (query: string) =>
      (await get(`of=Container:shop/web-0/app&${query}`)).body.resources['Container:shop/web-0/app'].families.memory;
    expect((await at('at=2026-11-20T10:00:59Z')).values).toEqual([1000]);
    expect(await at('range=1m')).toEqual({ unit: 'bytes', last: null, values: [null] });
    expect((await at('range=1h')).values).toHaveLength(60);
  });

  test.each([
    ['of=Pod:shop/web-0&root=Pod:shop/web-0', 400, 'bad_parameter'],
    ['of=Pod:shop/none', 404, 'unknown_id'],
    ['of=Pod:shop/web-0&range=2h', 400, 'bad_parameter'],
    ['of=Pod:shop/web-0&range=9000s', 400, 'bad_parameter'],
    ['of=Pod:shop/web-0&at=yesterday', 400, 'bad_parameter'],
  ])('%s is refused', async (query, status, code) => {
    const { get } = world();
    const answer = await get(query);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});

describe('what probes saw, in the graph', () => {
  const seen = (more: object = {}) => ({
    container: hex('app'),
    destination: '10.96.0.7:80',
    ...{ first: start - minute, last: start, open: 1, failed: false, ...more },
  });
  const relations = (engine: ReturnType<typeof world>['engine']) =>
    [...edgesOf(engine.get('Container:shop/web-0/app') as Vertex, 'out')]
      .filter(({ type }) => type === 'connectsTo')
      .map((edge) => JSON.parse(engine.edgeText(edge).replace(/,\n$/, '')).annotations);

  test('a connection is a relation; numbers and counts make no revision', () => {
    const { engine, tell, pass, now } = world();
    tell({ connections: [seen()] });
    expect(relations(engine)).toMatchObject([
      { rule: 'container-connects-to', observed: true, port: 80, since: '2026-11-20T09:59:30.000Z' },
    ]);
    const { revision } = engine;
    pass(minute);
    tell({ connections: [seen({ open: 99, last: now() })], containers: [numbers('app', 5, 5)], numbers: { cpu: 7 } });
    expect(engine.revision).toBe(revision);
    pass(11 * minute);
    tell();
    expect(relations(engine)).toEqual([]);
  });

  test('it stays through what the runtime and the Pod say meanwhile, and goes with the node’s minion', () => {
    const { engine, tell, sink } = world();
    const listening = { id: hex('app'), numbers: {}, listensOn: ['0.0.0.0:80'], application: 'nginx' };
    tell({ connections: [seen()], containers: [listening], facts: { kernel: '6.12', cloud: { provider: 'AWS' } } });
    const observed = () => JSON.parse(engine.propertiesOf(engine.get('Container:shop/web-0/app') as never)).observed;
    expect(observed()).toMatchObject({ by: 'the probes of node-a', listensOn: ['0.0.0.0:80'], application: 'nginx' });
    const node = [...engine.annotations()].find(([id]) => id === 'Node:node-a')?.[1].get('observed')?.data;
    expect(node).toEqual({ kernel: '6.12', cloud: { provider: 'AWS' } });
    sink.drop('node-a');
    expect(observed()).toBeUndefined();
    expect(relations(engine)).toEqual([]);
    expect([...engine.families()]).not.toContain('nothing');
    expect(engine.sources('telemetry').size).toBe(0);
  });

  test('a process killed for memory degrades its container and Pod for an hour; a counter that ticks makes no revision', () => {
    const { engine, tell, pass } = world((each) => ({ ...each, status: running }));
    const kills = (oomKills?: number) =>
      tell({
        probes: { oom: 'running' },
        containers: [{ id: hex('app'), numbers: {}, ...(oomKills === undefined ? {} : { oomKills }) }],
      });
    const health = (id: string) => engine.get(id)?.health;
    kills(4);
    expect(health('Container:shop/web-0/app')).toMatchObject({ state: 'ok' });
    pass(minute);
    kills(6);
    const reason = 'OOMKilled 2+ since 2026-11-20T10:01Z';
    expect(health('Container:shop/web-0/app')).toEqual({ state: 'degraded', reason, field: 'observed.oomKills' });
    expect(health('Pod:shop/web-0')).toEqual({
      ...{ state: 'degraded', reason, field: 'spec.containers[0]', ready: '2/2', from: 'Container:shop/web-0/app' },
    });
    expect(health('Container:shop/web-0/side')).toMatchObject({ state: 'ok' });
    const { revision } = engine;
    pass(minute);
    kills(9);
    pass(minute);
    kills(9);
    expect(engine.revision).toBe(revision);
    pass(59 * minute);
    kills(9);
    expect(health('Pod:shop/web-0')).toMatchObject({ state: 'degraded' });
    pass(2 * minute);
    kills(9);
    for (const id of ['Container:shop/web-0/app', 'Pod:shop/web-0']) expect(health(id)).toMatchObject({ state: 'ok' });
  });

  test('a Pod that was killed in stays a ready endpoint, and its health goes with the node’s minion', () => {
    const { engine, tell, pass, sink, store } = world((each) => ({ ...each, status: running }));
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop', uid: 's' } };
    const spec = { selector: { app: 'web' } };
    store.sinkOf(kindNamed('Service')).event('ADDED', { ...service, spec, status: { loadBalancer: {} } });
    for (const kind of ['Pod', 'Service']) store.sinkOf(kindNamed(kind)).state('synced');
    tell({ probes: { oom: 'running' } });
    pass(minute);
    tell({ probes: { oom: 'running' }, containers: [{ id: hex('side'), numbers: {}, oomKills: 1 }] });
    expect(engine.get('Pod:shop/web-0')?.health).toMatchObject({ state: 'degraded', field: 'spec.containers[1]' });
    expect(engine.get('Service:shop/web')?.health).toMatchObject({ state: 'ok', reason: 'Ready' });
    sink.drop('node-a');
    expect(engine.get('Pod:shop/web-0')?.health).toMatchObject({ state: 'ok' });
  });

  test('of a node without probes nothing is said, however often it is asked', () => {
    const { engine, sink } = world();
    sink.state('node-a', 'synced');
    sink.state('node-a', 'stale', 'gone');
    sink.drop('node-a');
    expect([...engine.families()]).not.toContain('telemetry');
  });

  test('a node cannot speak of containers that are not its own', () => {
    const { engine, tell, series } = world();
    const foreign = hex('somebody-else');
    tell({ connections: [seen({ container: foreign })], containers: [{ id: foreign, numbers: { memory: 1 } }] });
    expect(engine.relationCounts().get('connectsTo') ?? 0).toBe(0);
    expect(series.bytes).toBe(0);
  });
});

describe('where a Prometheus is configured', () => {
  const same = (each: KubernetesObject) => each;
  const pod0 = 'of=Pod:shop/web-0';
  const answered = (cpu: number): PastAnswer => ({
    ...{ partly: undefined, known: 1, of: (id) => (id.endsWith('/app') ? ['cpu'] : []) },
    values: (id, _, from, to) => Array.from({ length: to - from + 1 }, () => (id.endsWith('/app') ? cpu : Number.NaN)),
    facts: () => ({ by: 'prometheus' }),
  });
  const asked: PastQuestion[] = [];
  const answering: PastNumbers = { ask: async (question) => (asked.push(question), answered(3)) };
  const away: PastNumbers = { ask: () => Promise.reject(fault('prometheus_failed', { reason: 'it is away' })) };

  test('it is asked for what is longer or older than an hour, and says what it does not know', async () => {
    const { get, tell } = world(same, answering);
    tell({ containers: [numbers('app', 1, 1000)] });
    const { body } = await get(`${pod0}&range=7d`);
    expect(body).toMatchObject({ source: 'prometheus', step: 3600, unknown: expect.stringContaining('1 of the 2') });
    expect(body.resources['Pod:shop/web-0']).toMatchObject({
      by: ['prometheus'],
      families: { cpu: { last: 3, of: 1 } },
    });
    expect(asked.at(-1)?.containers.map(({ pod: name, container }) => `${name}/${container}`)).toEqual([
      'web-0/app',
      'web-0/side',
    ]);
    expect((await get(`${pod0}&at=2026-11-19T10:00:00Z`)).body.source).toBe('prometheus');
    expect((await get(`${pod0}&range=30m`)).body.source).toBe('own');
    expect((await get(`${pod0}&range=30m&source=prometheus`)).body.source).toBe('prometheus');
    expect((await get(`${pod0}&range=40d`)).status).toBe(400);
  });

  test('it is asked where nothing is known here, unless own numbers are wanted', async () => {
    const { get } = world(same, answering);
    expect((await get('root=Pod:shop/web-0')).body).toMatchObject({
      ...{ source: 'prometheus', resources: { 'Container:shop/web-0/app': { families: { cpu: { last: 3 } } } } },
    });
    expect((await get('')).body.source).toBe('prometheus');
    const own = (await get(`${pod0}&source=own`)).body;
    expect([own.source, own.unknown]).toEqual(['own', expect.stringContaining('nothing here measures')]);
  });

  test('that it fails is said: as a failure where only it could answer, else beside what is known here', async () => {
    const { get, tell } = world(same, away);
    expect(await get(`${pod0}&range=7d`)).toMatchObject({ status: 502, body: { code: 'prometheus_failed' } });
    expect(await get(`${pod0}&source=prometheus`)).toMatchObject({ status: 502 });
    expect(await get(pod0)).toMatchObject({
      status: 200,
      body: { source: 'own', unknown: expect.stringContaining('away') },
    });
    tell({ containers: [numbers('app', 1, 1000)] });
    expect((await get(pod0)).body).toMatchObject({ source: 'own' });
    expect((await get(pod0)).body.unknown).toBeUndefined();
  });

  test('and without one, longer times are refused with the reason', async () => {
    const { get } = world();
    expect((await get(`${pod0}&range=2h`)).body.error_message).toMatch(/at most 60m are kept here; a Prometheus/);
    expect((await get(`${pod0}&source=prometheus`)).body.error_message).toMatch(/no Prometheus is configured/);
    expect((await get(pod0)).body.unknown).toMatch(/nothing here measures any of it/);
    expect((await get(`${pod0}&at=2026-11-19T10:00:00Z`)).body.unknown).toMatch(/only the last 60m are kept here/);
  });

  test('a replica or gateway says that it asks none, and who does', async () => {
    const { app } = createTestApp({ series: new Series(1 << 20), clusters: () => [] });
    const said = async (query: string) => (await app.inject(`/cluster/metrics?${query}`)).json();
    const who = /a replica or gateway asks no Prometheus: the master of a cluster does/;
    expect((await said('range=7d')).error_message).toMatch(who);
    expect((await said('source=prometheus')).error_message).toMatch(who);
    expect((await said('at=2020-01-01T00:00:00Z')).unknown).toMatch(who);
    await app.close();
  });
});

test.each([
  ['7d', 10, 3600, 168],
  ['31d', 10, 14_400 + 7200, 124],
  ['6h', 2000, 1800, 12],
  ['1h', 1, 60, 60],
  [undefined, 1, 60, 1],
])('%s of %i containers are told each %i seconds', (range, count, step, values) => {
  const steps = stepsOf({ at: undefined, range, now: start }, count);
  expect([steps.step / 1000, steps.to - steps.from + 1]).toEqual([step, values]);
});
