import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { edgesOf } from '../../../../master/graph/revisions/read-view.ts';
import { builtIn } from '../../../../master/sources/connections/built-in.ts';
import { ConnectionBook, type Speaker } from '../../../../master/sources/connections/connection-book.ts';
import {
  connectionOf,
  folded,
  type Lookup,
  type Row,
  type SeenConnection,
} from '../../../../master/sources/connections/ends.ts';
import { graphLookup, liftedIn } from '../../../../master/sources/connections/graph-lookup.ts';
import type { ConnectionSource, Mapping } from '../../../../master/sources/connections/mapping.ts';
import { wordsOf } from '../../../../master/sources/connections/pattern.ts';
import { countQuery, labelsOf, seenQuery } from '../../../../master/sources/connections/queries.ts';
import { readMappings } from '../../../../master/sources/connections/read-mappings.ts';
import { Reading } from '../../../../master/sources/connections/reading.ts';
import { vectorOf } from '../../../../master/sources/prometheus/prometheus.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import { createGraph, kindNamed } from '../../../support/random-cluster.ts';
import { finish } from '../../../support/steps.ts';

const now = 1_800_000_000_000;
const there = new Set([
  'Container:shop/web-0/app',
  'Pod:shop/web-0',
  'Deployment:shop/web',
  'StatefulSet:shop/db',
  'Service:shop/db',
  'CronJob:shop/report',
  'Deployment:shop/twice',
  'StatefulSet:shop/twice',
  'ReplicaSet:shop/web-5f',
  'Pod:shop/bare',
  'Node:node-a',
]);
const lookup: Lookup = {
  has: (id) => there.has(id),
  ownerOf: (id) => (id === 'ReplicaSet:shop/web-5f' ? 'Deployment:shop/web' : id),
  at: (host, port) => {
    if (host.startsWith('127.')) return undefined;
    const known: { [host: string]: string } = {
      '10.96.0.7': 'Service:shop/db',
      '10.244.2.9': 'Container:shop/db-0/pg',
    };
    return known[host] ?? `Host:${host}${port === 0 ? '' : ''}`;
  },
};
const mapping = (name: string) => builtIn[name] as Mapping;
const read = (name: string, row: Row, failed = false) => connectionOf(row, mapping(name), failed, lookup);

describe('ends of a connection', () => {
  test.each<[string, string, Row, object | string]>([
    [
      'a container through a Service',
      'coroot-node-agent',
      { container_id: '/k8s/shop/web-0/app', destination: '10.96.0.7:80', actual_destination: '10.244.2.9:5432' },
      { source: 'Container:shop/web-0/app', target: 'Container:shop/db-0/pg', port: 5432, via: 'Service:shop/db' },
    ],
    [
      'a container whose Pod alone is known',
      'coroot-node-agent',
      { container_id: '/k8s/shop/web-0/other', destination: 'api.example.com:443', actual_destination: '' },
      { source: 'Pod:shop/web-0', target: 'Host:api.example.com', port: 443, via: undefined },
    ],
    [
      'a CronJob',
      'coroot-node-agent',
      { container_id: '/k8s-cronjob/shop/report/main', destination: '[2001:db8::1]:443' },
      { source: 'CronJob:shop/report', target: 'Host:2001:db8::1', port: 443, via: undefined },
    ],
    [
      'a service of systemd',
      'coroot-node-agent',
      { container_id: '/system.slice/x', destination: '10.1.1.1:1' },
      'unresolved',
    ],
    [
      'loopback',
      'coroot-node-agent',
      { container_id: '/k8s/shop/web-0/app', destination: '127.0.0.1:80' },
      'unresolved',
    ],
    ['no address', 'coroot-node-agent', { container_id: '/k8s/shop/web-0/app', destination: '10.1.1.1' }, 'unresolved'],
    [
      'workloads without a kind, and the Service that was dialled',
      'istio',
      {
        ...{ source_workload: 'web', source_workload_namespace: 'shop', destination_workload: 'db' },
        ...{
          destination_workload_namespace: 'shop',
          destination_service_name: 'db',
          destination_service_namespace: 'shop',
        },
      },
      { source: 'Deployment:shop/web', target: 'StatefulSet:shop/db', port: undefined, via: 'Service:shop/db' },
    ],
    [
      'a bare Pod, which Istio calls a workload',
      'istio',
      {
        ...{ source_workload: 'bare', source_workload_namespace: 'shop' },
        ...{ destination_workload: 'db', destination_workload_namespace: 'shop' },
      },
      { source: 'Pod:shop/bare', target: 'StatefulSet:shop/db', port: undefined, via: undefined },
    ],
    ['what Istio does not know', 'istio', { source_workload: 'unknown', destination_workload: 'db' }, 'ignored'],
    [
      'a name that two workloads have',
      'istio',
      {
        ...{ source_workload: 'twice', source_workload_namespace: 'shop' },
        ...{ destination_workload: 'db', destination_workload_namespace: 'shop' },
      },
      'ambiguous',
    ],
    [
      'kinds in any case, a ReplicaSet as its Deployment, a port where there is one',
      'obi',
      {
        ...{ k8s_src_namespace: 'shop', k8s_src_owner_name: 'web-5f', k8s_src_owner_type: 'replicaset' },
        ...{
          k8s_dst_namespace: 'shop',
          k8s_dst_owner_name: 'db',
          k8s_dst_owner_type: 'StatefulSet',
          server_port: '5432',
        },
      },
      { source: 'Deployment:shop/web', target: 'StatefulSet:shop/db', port: 5432, via: undefined },
    ],
    [
      'a kind that is none',
      'beyla',
      {
        ...{ k8s_src_namespace: 'shop', k8s_src_owner_name: 'web', k8s_src_owner_type: 'constructor' },
        ...{ k8s_dst_namespace: 'shop', k8s_dst_owner_name: 'db', k8s_dst_owner_type: 'StatefulSet' },
      },
      'unresolved',
    ],
    ['nothing', 'obi', {}, 'ignored'],
  ])('%s, by %s', (_what, name, row, expected) => {
    expect(read(name, row)).toEqual(typeof expected === 'string' ? expected : { failed: false, ...expected });
  });

  test('a twin whose target is a Service of the same name is what the other went through', () => {
    const seen = (target: string, source = 'Deployment:shop/web'): SeenConnection => ({
      ...{ source, target, port: undefined, via: undefined, failed: false },
    });
    const all = [seen('Service:shop/db'), seen('StatefulSet:shop/db'), seen('Service:shop/db', 'Pod:shop/bare')];
    expect(folded(all)).toEqual([
      { ...seen('StatefulSet:shop/db'), via: 'Service:shop/db' },
      seen('Service:shop/db', 'Pod:shop/bare'),
    ]);
  });
});

describe('patterns', () => {
  test.each([
    [
      '/k8s/{namespace}/{pod}/{container}',
      '/k8s/shop/web-0/app',
      { namespace: 'shop', pod: 'web-0', container: 'app' },
    ],
    ['{namespace}|{name}', 'shop|web', { namespace: 'shop', name: 'web' }],
    ['{_}:{name}', 'x:y:z', { name: 'y:z' }],
    ['plain', 'plain', {}],
  ])('%s of %s', (pattern, text, expected) => {
    expect(Object.fromEntries(wordsOf(pattern, text) ?? [['none', '']])).toEqual(expected);
  });
  test.each([
    ['/k8s/{namespace}/{pod}', '/docker/x'],
    ['/k8s/{namespace}/{pod}', '/k8s//web'],
    ['/k8s/{namespace}/x', '/k8s/shop/y'],
    ['a{name}b', 'acbd'],
    ['plain', 'plainer'],
  ])('%s is not %s', (pattern, text) => expect(wordsOf(pattern, text)).toBeUndefined());

  const part = fc.stringMatching(/^[a-z0-9.-]{1,8}$/);
  test('give back the words a text was made of', () => {
    fc.assert(
      fc.property(part, part, part, (namespace, pod, container) => {
        const words = wordsOf('/k8s/{namespace}/{pod}/{container}', `/k8s/${namespace}/${pod}/${container}`);
        expect(Object.fromEntries(words ?? [])).toEqual({ namespace, pod, container });
      }),
    );
  });
});

describe('what is asked', () => {
  test('counts each set of labels once, and takes a counter that began for one that grew', () => {
    expect(labelsOf(mapping('coroot-node-agent'))).toEqual(['actual_destination', 'container_id', 'destination']);
    expect(labelsOf(mapping('obi'))).toContain('k8s_dst_owner_type');
    expect(countQuery({ match: 'm{a="b"}', seen: 'present' })).toBe('count(m{a="b"})');
    expect(seenQuery({ match: 'm', seen: 'increase' }, ['a', 'b'])).toBe(
      'group by (a, b) ((increase(m[300s]) > 0) or (((m > 0) and (timestamp(m) > (time() - 150))) unless (m offset 300s)))',
    );
    expect(seenQuery({ match: 'm', seen: 'present' }, ['a'])).toBe(
      'group by (a) (m and (timestamp(m) > (time() - 150)))',
    );
  });

  test.each([
    [200, '<html>', 'but not as a Prometheus does'],
    [200, '[]', 'but not as a Prometheus does'],
    [400, '{"status":"error","error":"parse \\"x\\""}', 'it answers 400: "parse'],
    [200, '{"status":"success","data":{"resultType":"matrix"}}', 'no vector'],
  ])('an answer %i %s is told', (status, text, message) => {
    expect(() => vectorOf(status, text)).toThrow(message);
  });

  test('labels that are no texts and values that are no numbers do no harm', () => {
    const result = [{ metric: { a: 'b', c: 7 }, value: [1, 'NaN'] }, null, { metric: [] }];
    expect(vectorOf(200, JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }))).toEqual([
      { labels: { a: 'b' }, value: Number.NaN },
    ]);
  });
});

const speaker = (name: string, rank: number, more: Partial<Speaker> = {}): Speaker => ({
  ...{ name, rank, keptFor: 60_000, most: 100, ...more },
});
const seen = (source: string, target: string, more: Partial<SeenConnection> = {}): SeenConnection => ({
  ...{ source, target, port: undefined, via: undefined, failed: false, ...more },
});
/** Pods and containers `x-0…` belong to the workload `x`. */
const lifted = (id: string) => id.replace(/^(?:Container|Pod):(\w+)\/(\w+)-\d.*$/, 'Deployment:$1/$2');

describe('which relations stand', () => {
  const judge = { lifted, probed: new Set<string>() };
  const shown = (book: ConnectionBook, by = judge) =>
    [...book.standing(by)]
      .flatMap(([source, all]) => all.map(({ to, by: names }) => [source, to, names.join()]))
      .toSorted();

  test('the finer of two, and of equals the word of the greater rank', () => {
    const book = new ConnectionBook();
    book.take(speaker('obi', 40), [seen('Deployment:shop/web', 'Deployment:shop/db', { port: 1 })], now);
    book.take(
      speaker('istio', 60),
      [seen('Deployment:shop/web', 'Deployment:shop/db', { via: 'Service:shop/db' })],
      now + 1,
    );
    expect(Object.fromEntries(book.standing(judge))).toEqual({
      'Deployment:shop/web': [
        {
          ...{ to: 'Deployment:shop/db', ports: [1], via: 'Service:shop/db', by: ['istio', 'obi'] },
          since: new Date(now).toISOString(),
        },
      ],
    });
    book.take(speaker('coroot', 10), [seen('Container:shop/web-0/app', 'Container:shop/db-0/pg')], now);
    expect(shown(book)).toEqual([['Container:shop/web-0/app', 'Container:shop/db-0/pg', 'coroot']]);
  });

  test('what a minion’s probes see is theirs to say, and that a Service was dialled says less than where that led', () => {
    const book = new ConnectionBook();
    book.take(speaker('caretta', 20), [seen('Deployment:shop/web', 'Service:shop/db')], now);
    expect(shown(book)).toHaveLength(1);
    book.take(speaker('coroot', 80), [seen('Pod:shop/web-0', 'Pod:shop/db-0', { via: 'Service:shop/db' })], now);
    expect(shown(book)).toEqual([['Pod:shop/web-0', 'Pod:shop/db-0', 'coroot']]);
    expect(shown(book, { lifted, probed: new Set(['Deployment:shop/web\nDeployment:shop/db']) })).toEqual([]);
  });

  test('each for its time after it was last seen; the oldest stay where there is no room', () => {
    const book = new ConnectionBook();
    const small = speaker('obi', 40, { most: 1 });
    expect(book.take(small, [seen('A:a', 'B:b'), seen('A:a', 'C:c')], now)).toBe(1);
    book.expire(now + 60_000);
    expect(shown(book)).toEqual([['A:a', 'B:b', 'obi']]);
    book.expire(now + 60_001);
    expect(shown(book)).toEqual([]);
    book.take(small, [seen('A:a', 'C:c')], now);
    book.forget('obi');
    expect(shown(book)).toEqual([]);
  });

  test('it fails only where nothing succeeds', () => {
    const book = new ConnectionBook();
    const failed = () => book.standing(judge).get('A:a')?.[0]?.failed;
    book.take(speaker('x', 1), [seen('A:a', 'B:b', { failed: true })], now);
    expect(failed()).toBe(true);
    book.take(speaker('x', 1), [seen('A:a', 'B:b'), seen('A:a', 'B:b', { failed: true })], now);
    expect(failed()).toBeUndefined();
  });
});

describe('the file', () => {
  const good = `sources:
  - name: agents
    use: coroot-node-agent
    read: { prometheus: "http://prom.monitoring:9090/prefix", every: 15s }
  - name: flows
    read: { prometheus: "https://prom:9090", username: u, passwordFile: /p }
    match: 'flow_bytes_total{direction="request",zone=~"a|b\\"c"}'
    seen: positive
    for: 5m
    ends:
      source: [{ pod: { namespace: [exported_namespace, namespace], name: pod } }]
      target: [{ workload: { kind: { is: Deployment }, namespace: ns, name: wl } }]
    ignore: { wl: ['', unknown] }
`;
  test('is read, with what is built in where it says nothing', () => {
    const { sources, faults } = readMappings('f', good);
    expect(faults).toEqual([]);
    expect(sources.map(({ name, keptFor, read: { every } }) => [name, keptFor, every])).toEqual([
      ['agents', 600_000, 15_000],
      ['flows', 300_000, 30_000],
    ]);
    expect(sources[0]?.mapping).toEqual(mapping('coroot-node-agent'));
    expect(sources[1]?.mapping).toMatchObject({
      rank: 50,
      select: [{ seen: 'positive' }],
      via: [],
      foldService: false,
    });
  });

  const source = (text: string) => `sources:\n  - { name: x, read: { prometheus: "http://p" }, ${text} }\n`;
  test.each([
    ['use: linkerd', 'must be one of coroot-node-agent'],
    ['match: "rate(m[5m])"', 'must be a metric'],
    ['match: "m or n"', 'must be a metric'],
    ['match: \'m{a="b"} > 0\'', 'must be a metric'],
    ['match: m', 'needs match and ends.source'],
    ['use: obi, for: 10s', 'at least twice'],
    ['use: obi, what: 1', 'there is no such key'],
    ['use: obi, ends: { source: [{ pod: { name: a, namespace: b }, node: { name: c } }] }', 'must be one of workload'],
    ['use: obi, ends: { source: [{ address: "a b" }] }', 'the name of a label'],
    ['use: obi, read: { prometheus: "http://u:p@host" }', 'neither YAML nor JSON'],
  ])('%s is told with its line, and left out', (text, message) => {
    const { sources, faults } = readMappings('f', source(text));
    expect(sources).toEqual([]);
    expect(faults.map((each) => each.message).join('; ')).toContain(message);
  });

  test.each([['http://u:p@host'], ['file:///etc/passwd'], ['prom:9090'], ['http://p/?a=b']])(
    '%s is no URL to ask',
    (url) => {
      const { sources, faults } = readMappings('f', `sources: [{ name: x, use: obi, read: { prometheus: "${url}" } }]`);
      expect([sources, faults[0]?.message]).toEqual([[], expect.stringContaining('without credentials')]);
    },
  );

  test('two mappings with one name count as one', () => {
    const { sources, faults } = readMappings('f', good.replace('flows', 'agents'));
    expect([sources.length, faults[0]?.message]).toEqual([1, expect.stringContaining('twice')]);
  });
});

describe('one source asked', () => {
  const source = (change: Partial<ConnectionSource['bounds']> = {}): ConnectionSource => {
    const [read] = readMappings('f', 'sources: [{ name: i, use: istio, read: { prometheus: "http://p" } }]').sources;
    if (!read) throw new Error('it is not read');
    return { ...read, bounds: { ...read.bounds, ...change } };
  };
  const row = (from: string, to: string) => ({
    labels: {
      ...{ source_workload: from, source_workload_namespace: 'shop' },
      ...{ destination_workload: to, destination_workload_namespace: 'shop' },
    },
    value: 1,
  });
  function asking(answer: (query: string) => readonly { labels: Row; value: number }[], bounds = {}) {
    const states: string[] = [];
    const book = new ConnectionBook();
    const reading = new Reading({
      source: source(bounds),
      prometheus: { query: async (query) => answer(query) },
      book,
      lookup,
      tell: (state, reason) => void states.push(reason === undefined ? state : `${state}: ${reason}`),
      onTaken: async () => undefined,
      clock: () => now,
      signal: new AbortController().signal,
      sleep: async () => undefined,
    });
    return { reading, states, book };
  }
  const counted = (series: number) => (query: string) =>
    query.startsWith('count(') ? [{ labels: {}, value: series }] : [];

  test('says what became of its series', async () => {
    const rows = [row('web', 'db'), row('unknown', 'db'), row('twice', 'db'), row('web', 'gone')];
    const { reading, states } = asking((query) =>
      query.startsWith('group') && query.includes('istio_requests_total') ? rows : counted(9)(query),
    );
    await reading.round();
    expect(reading.outcomes).toEqual({ resolved: 1, ignored: 1, ambiguous: 1, unresolved: 1, dropped: 0 });
    expect(states).toEqual(['synced']);
  });

  test('a Prometheus without its series is told, and not asked for them', async () => {
    const asked: string[] = [];
    const { reading, states } = asking((query) => (asked.push(query), []));
    await reading.round();
    expect(states).toEqual([expect.stringContaining('http://p has no series istio_tcp_connections_opened_total')]);
    expect(asked.every((query) => query.startsWith('count('))).toBe(true);
  });

  test('one whose series name nothing that is here may be of another cluster', async () => {
    const { reading, states } = asking((query) => (query.startsWith('group') ? [row('a', 'b')] : counted(1)(query)));
    await reading.round();
    expect(states).toEqual([expect.stringContaining('is it the Prometheus of another cluster?')]);
  });

  test('no traffic is no fault', async () => {
    const { reading, states } = asking(counted(5));
    await reading.round();
    expect(states).toEqual(['synced']);
  });

  test('what is over its bounds is counted and told', async () => {
    const rows = [row('web', 'db'), row('bare', 'db'), row('db', 'web')];
    const many = (query: string) =>
      query.includes('group by') && query.includes('requests') ? rows : counted(3)(query);
    const { reading, states } = asking(many, { series: 2, relations: 1 });
    await reading.round();
    expect(reading.outcomes).toMatchObject({ resolved: 2, dropped: 2 });
    expect(states).toEqual(['partly: it sees more connections than its bounds allow']);
  });

  test('failures are told at the third in a row, and what it said stays', async () => {
    let fails = false;
    const { reading, states, book } = asking((query) => {
      if (fails) throw new Error('it did not answer within 10 s');
      return query.startsWith('group') ? [row('web', 'db')] : counted(1)(query);
    });
    await reading.round();
    fails = true;
    for (let round = 0; round < 3; round++) await reading.round();
    expect(states).toEqual(['synced', 'stale: it did not answer within 10 s']);
    expect(book.standing({ lifted, probed: new Set() }).size).toBe(1);
  });
});

describe('in the graph', () => {
  const object = (kind: string, name: string, more = {}): KubernetesObject => ({
    ...{ apiVersion: 'v1', kind, metadata: { name, namespace: 'shop', uid: name } },
    ...more,
  });
  const pod = (name: string, resourceVersion = '1') => {
    const made = object('Pod', name, { spec: { containers: [{ name: 'app', ports: [{ containerPort: 80 }] }] } });
    return { ...made, metadata: { ...made.metadata, resourceVersion } };
  };
  function world() {
    const { engine, store, containers } = createGraph();
    const put = (kind: string, value: KubernetesObject) =>
      store.sinkOf(kindNamed(kind)).event('ADDED', structuredClone(value));
    put('Deployment', object('Deployment', 'web', { apiVersion: 'apps/v1' }));
    put('Pod', pod('db-0'));
    const relations = (id: string) => {
      const vertex = engine.get(id);
      const edges = vertex ? [...edgesOf(vertex, 'out')].filter(({ type }) => type === 'connectsTo') : [];
      return edges.map((edge) => {
        const { target, annotations } = JSON.parse(/\{.*\}/s.exec(engine.edgeText(edge))?.[0] ?? '') as {
          target: string;
          annotations: { [note: string]: unknown };
        };
        return { target, ...annotations };
      });
    };
    const say = (said: { [id: string]: readonly object[] }) =>
      finish(containers.connections.say(new Map(Object.entries(said))));
    return { engine, put, relations, say };
  }
  const connection = { to: 'Pod:shop/db-0', ports: [80], since: '2026-11-20T10:00:00.000Z', by: ['istio', 'obi'] };

  test('it stands on workload, Pod and container through what the API server says meanwhile, and goes', () => {
    const { relations, say, put, engine } = world();
    say({
      'Deployment:shop/web': [connection],
      'Container:shop/db-0/app': [{ ...connection, to: 'Deployment:shop/web' }],
    });
    const expected = {
      target: 'Pod:shop/db-0',
      observed: true,
      by: 'istio,obi',
      port: 80,
      rule: 'observed-connects-to',
    };
    expect(relations('Deployment:shop/web')).toMatchObject([expected]);
    expect(relations('Container:shop/db-0/app')).toMatchObject([{ target: 'Deployment:shop/web' }]);
    put('Deployment', object('Deployment', 'web', { apiVersion: 'apps/v1', spec: { replicas: 3 } }));
    put('Pod', pod('db-0', '2'));
    expect(relations('Deployment:shop/web')).toMatchObject([expected]);
    expect(relations('Container:shop/db-0/app')).toHaveLength(1);
    const { revision } = engine;
    say({
      'Deployment:shop/web': [connection],
      'Container:shop/db-0/app': [{ ...connection, to: 'Deployment:shop/web' }],
    });
    expect(engine.revision).toBe(revision);
    say({});
    expect([relations('Deployment:shop/web'), relations('Container:shop/db-0/app')]).toEqual([[], []]);
    expect(engine.propertiesOf(engine.get('Deployment:shop/web') as never)).not.toContain('observedConnections');
  });

  test('it waits for a resource that comes later', () => {
    const { relations, say, put } = world();
    say({ 'StatefulSet:shop/late': [connection] });
    put('StatefulSet', object('StatefulSet', 'late', { apiVersion: 'apps/v1' }));
    expect(relations('StatefulSet:shop/late')).toHaveLength(1);
  });

  test('addresses are those of the graph: the container that declares the port, and Hosts outside within bounds', () => {
    const { engine } = world();
    const containers = [{ name: 'app', ports: [80] }];
    const at = graphLookup(engine, {
      of: (address) => (address === '10.0.0.1' ? { id: 'Pod:shop/db-0', type: 'Pod', containers } : undefined),
    }).at;
    expect(at('10.0.0.1', 80)).toBe('Container:shop/db-0/app');
    expect(at('127.0.0.1', 80)).toBeUndefined();
    expect(at('::1', 80)).toBeUndefined();
    expect(at('api.example.com', 443)).toBe('Host:api.example.com');
    for (let n = 0; n < 1000; n++) at(`198.18.${n >> 8}.${n & 255}`, 1);
    expect(at('203.0.113.1', 1)).toBe('CIDR:0.0.0.0/0');
    expect(liftedIn(engine)('Container:shop/db-0/app')).toBe('Pod:shop/db-0');
    expect(liftedIn(engine)('Host:x')).toBe('Host:x');
  });
});
