import { afterEach, describe, expect, test } from 'vitest';
import { Addresses, addressesOf, type Holder } from '../../../../master/sources/metrics/addresses.ts';
import {
  keptFor,
  mostHosts,
  mostTargets,
  StandingConnections,
  splitAddress,
} from '../../../../master/sources/metrics/connections.ts';
import { checkTelemetry } from '../../../../master/sources/metrics/shape.ts';
import { createTelemetryReader } from '../../../../master/sources/metrics/telemetry-reader.ts';
import { createTransport } from '../../../../master/sources/runtime/transport.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import { type NodeTelemetry, type ObservedConnection, telemetryLimits } from '../../../../src/telemetry-api.ts';
import { type FakeHttp, json, serve } from '../../../support/fake-http.ts';
import { createGraph, kindNamed } from '../../../support/random-cluster.ts';
import { finish } from '../../../support/steps.ts';

const holders: { readonly [address: string]: Holder } = {
  '10.96.0.7': { id: 'Service:shop/db', type: 'Service' },
  '10.244.2.9': {
    id: 'Pod:shop/db-0',
    type: 'Pod',
    containers: [
      { name: 'postgres', ports: [5432] },
      { name: 'exporter', ports: [9187] },
    ],
  },
  '10.244.2.8': { id: 'Pod:shop/cache', type: 'Pod', containers: [{ name: 'redis', ports: [] }] },
  '192.0.2.1': { id: 'Node:node-a', type: 'Node' },
};
const now = 1_800_000_000_000;

function world() {
  const standing = new StandingConnections({ addresses: { of: (address) => holders[address] } });
  const seen = (destination: string, more: Partial<ObservedConnection> = {}): ObservedConnection => ({
    ...{ container: 'c1', destination, first: now - 5000, last: now, open: 1, failed: false, ...more },
  });
  const targets = () => (standing.of('n').get('c1') ?? []).map(({ to }) => to);
  return { standing, seen, targets };
}

describe('connections', () => {
  test.each([
    ['10.244.2.9:5432', '10.244.2.9:5432', { to: 'Container:shop/db-0/postgres', ports: [5432] }],
    ['10.96.0.7:80', '10.244.2.9:9187', { to: 'Container:shop/db-0/exporter', ports: [9187], via: 'Service:shop/db' }],
    ['10.244.2.9:1234', '10.244.2.9:1234', { to: 'Pod:shop/db-0', ports: [1234] }],
    ['10.244.2.8:6379', '10.244.2.8:6379', { to: 'Container:shop/cache/redis', ports: [6379] }],
    ['10.96.0.7:80', '10.96.0.7:80', { to: 'Service:shop/db', ports: [80] }],
    ['192.0.2.1:10250', '192.0.2.1:10250', { to: 'Node:node-a', ports: [10_250] }],
    ['198.51.100.3:443', '198.51.100.3:443', { to: 'Host:198.51.100.3', ports: [443] }],
    ['[2001:db8::9]:443', '[2001:db8::9]:443', { to: 'Host:2001:db8::9', ports: [443] }],
  ])('to %s that went to %s', (destination, actual, expected) => {
    const { standing, seen } = world();
    standing.take('n', [seen(destination, { actual })], 0, now);
    expect(standing.of('n').get('c1')).toEqual([{ ...expected, since: new Date(now - 5000).toISOString() }]);
  });

  test('a relation stays for a while after the last connection, and the count of them changes nothing', () => {
    const { standing, seen, targets } = world();
    standing.take('n', [seen('10.96.0.7:80')], 0, now);
    const before = standing.of('n');
    standing.take('n', [seen('10.96.0.7:80', { open: 900, last: now + 1000 })], 0, now + 1000);
    expect(standing.of('n')).toEqual(before);
    standing.take('n', [], 0, now + 1000 + keptFor);
    expect(targets()).toEqual(['Service:shop/db']);
    standing.take('n', [], 0, now + 1001 + keptFor);
    expect(standing.of('n').size).toBe(0);
  });

  test('the last attempt says whether it fails', () => {
    const { standing, seen } = world();
    const failing = () => standing.of('n').get('c1')?.[0]?.failed;
    standing.take('n', [seen('10.96.0.7:80', { failed: true })], 0, now);
    expect(failing()).toBe(true);
    standing.take('n', [seen('10.96.0.7:80', { last: now + 1 })], 0, now + 1);
    expect(failing()).toBeUndefined();
  });

  test('a clock that is far off is moved to ours', () => {
    const { standing, seen, targets } = world();
    const hour = 3_600_000;
    standing.take('n', [seen('10.96.0.7:80', { first: now - hour, last: now - hour })], hour, now);
    expect(targets()).toHaveLength(1);
  });

  test('what a node makes up is bounded: targets of a container, and hosts outside one by one', () => {
    const { standing, seen, targets } = world();
    const many = Array.from({ length: mostHosts + 50 }, (_, at) =>
      seen(`198.18.${Math.floor(at / 250)}.${at % 250}:443`, { container: `c${at % 10}` }),
    );
    standing.take('n', many, 0, now);
    const all = [...standing.of('n').values()].flat().map(({ to }) => to);
    expect(new Set(all).size).toBe(mostHosts + 1);
    expect(all).toContain('CIDR:0.0.0.0/0');
    const more = Array.from({ length: 500 }, (_, at) => seen(`198.18.${Math.floor(at / 250)}.${at % 250}:443`));
    standing.take('n', more, 0, now);
    expect(targets().length).toBe(mostTargets);
    expect(standing.dropped).toBeGreaterThan(0);
    standing.take('n', [seen('nonsense'), seen('1.2.3.4:99999'), seen('')], 0, now);
    standing.forget('n');
    expect(standing.of('n').size).toBe(0);
  });

  test.each([['10.0.0.1:80'], ['[::1]:443']])('%s is an address', (text) => expect(splitAddress(text)).toBeDefined());
  test.each([['10.0.0.1'], ['host:80'], ['::1:80'], ['10.0.0.1:70000'], ['[x]:1']])('%s is none', (text) =>
    expect(splitAddress(text)).toBeUndefined(),
  );
});

describe('whose an address is', () => {
  test('do not give the address of a Pod in the network of its node, of a Pod that ended or of a headless Service to any resource', () => {
    const status = { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] };
    expect(addressesOf('Pod', { status })).toEqual(['10.0.0.1', 'fd00::1']);
    expect(addressesOf('Pod', { spec: { hostNetwork: true }, status })).toEqual([]);
    expect(addressesOf('Pod', { status: { ...status, phase: 'Succeeded' } })).toEqual([]);
    expect(addressesOf('Service', { spec: { clusterIP: 'None', clusterIPs: ['None'] } })).toEqual([]);
    expect(addressesOf('Service', { spec: { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'] } })).toEqual([
      '10.96.0.1',
    ]);
    const addresses = [{ type: 'Hostname', address: 'n' }, { type: 'InternalIP', address: '192.0.2.1' }, null];
    expect(addressesOf('Node', { status: { addresses } })).toEqual(['192.0.2.1']);
    for (const odd of [null, 7, [], { status: [], spec: 1 }]) expect(addressesOf('Pod', odd)).toEqual([]);
  });

  test('is kept as the graph changes, and an address that is given away is the new holder’s', () => {
    const { engine, store } = createGraph();
    const pods = store.sinkOf(kindNamed('Pod'));
    const pod = (name: string, podIP: string): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'shop', uid: name },
      spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] },
      status: { podIP },
    });
    pods.event('ADDED', pod('a', '10.0.0.1'));
    engine.changes.record();
    const addresses = new Addresses(engine);
    expect(addresses.of('10.0.0.1')).toBeUndefined();
    finish(addresses.fill());
    expect(addresses.of('10.0.0.1')).toEqual({
      id: 'Pod:shop/a',
      type: 'Pod',
      containers: [{ name: 'c', ports: [80] }],
    });
    pods.event('ADDED', pod('b', '10.0.0.1'));
    pods.event('DELETED', pod('a', '10.0.0.1'));
    expect(addresses.of('10.0.0.1')?.id).toBe('Pod:shop/b');
    pods.event('DELETED', pod('b', '10.0.0.1'));
    expect(addresses.of('10.0.0.1')).toBeUndefined();
    addresses.close();
  });
});

const telemetry: NodeTelemetry = {
  ...{ node: 'n', at: now, probes: { tcp: 'running' }, numbers: { cpu: 1 }, facts: { kernel: '6.1' } },
  containers: [{ id: 'c1', numbers: { cpu: 2 } }],
  connections: [],
};

describe('an answer of a minion', () => {
  let fake: FakeHttp | undefined;
  afterEach(() => fake?.close());
  const readerOf = (url: string, checkNode = true) => {
    const transport = createTransport({
      current: async () => ({ tls: {}, token: 't' }),
      doubt: () => undefined,
    } as never);
    return { transport, reader: createTelemetryReader({ node: 'n', url, checkNode, ready: true }, transport) };
  };
  const { signal } = new AbortController();

  test('is read once, and not again while it is the same', async () => {
    fake = await serve((request, response) => {
      if (request.headers['if-none-match'] === 'W/"1"') return void response.writeHead(304).end();
      json(response, telemetry, 200, { etag: 'W/"1"' });
    });
    const { reader, transport } = readerOf(fake.url);
    expect(await reader.read(signal)).toEqual(telemetry);
    expect(await reader.read(signal)).toBeUndefined();
    reader.forget();
    expect(await reader.read(signal)).toEqual(telemetry);
    transport.close();
  });

  test('that serves none is not asked at each round', async () => {
    fake = await serve((_request, response) => json(response, {}, 404));
    const { reader, transport } = readerOf(fake.url);
    for (let round = 0; round < 12; round++) expect(await reader.read(signal)).toBeUndefined();
    expect(fake.asked).toHaveLength(2);
    transport.close();
  });

  test.each([
    ['of another node', { ...telemetry, node: 'other' }],
    ['with a list for numbers', { ...telemetry, numbers: [1] }],
    ['with a text for a number', { ...telemetry, containers: [{ id: 'c', numbers: { cpu: 'x' } }] }],
    ['without connections', { ...telemetry, connections: undefined }],
    ['that is nothing', null],
  ])('%s is refused', async (_what, body) => {
    fake = await serve((_request, response) => json(response, body));
    const { reader, transport } = readerOf(fake.url);
    await expect(reader.read(signal)).rejects.toMatchObject({ code: 'minion_nonsense' });
    transport.close();
  });

  test('is cut to what a node may have, and to families that are known', () => {
    const containers = Array.from({ length: telemetryLimits.containers + 1 }, (_, at) => ({
      id: String(at),
      numbers: { cpu: 1, made_up: 2, __proto__: 3 },
      listensOn: Array.from({ length: 200 }, (_each, port) => `0.0.0.0:${port}`),
    }));
    const read = checkTelemetry(JSON.parse(JSON.stringify({ ...telemetry, containers })));
    expect(read.containers).toHaveLength(telemetryLimits.containers);
    expect(read.containers[0]?.numbers).toEqual({ cpu: 1 });
    expect(read.containers[0]?.listensOn).toHaveLength(telemetryLimits.listens);
  });
});
