import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { minute, Series } from '../../../../master/series/series.ts';
import { kubeletPath, metricsServerPath } from '../../../../master/sources/node-metrics/api-paths.ts';
import { ExpositionReader } from '../../../../master/sources/node-metrics/exposition.ts';
import { KubeletTally, kubeletMetrics } from '../../../../master/sources/node-metrics/kubelet-metrics.ts';
import { nodesUsed, podsUsed } from '../../../../master/sources/node-metrics/metrics-server.ts';
import { NumbersSink } from '../../../../master/sources/node-metrics/numbers-sink.ts';
import { NumbersTold } from '../../../../master/sources/node-metrics/numbers-told.ts';
import {
  kubeletRounds,
  metricsServerRounds,
  type RoundsOptions,
} from '../../../../master/sources/node-metrics/rounds.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import { createGraph, kindNamed } from '../../../support/random-cluster.ts';

const start = Date.parse('2026-11-20T10:00:30Z');

/** cAdvisor's metrics of one container: with current labels, or those before Kubernetes 1.16. */
const cadvisor = (place: string, more = '') => `
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{${place},cpu="total",id="/k/a"${more}} 120.5
container_cpu_cfs_throttled_seconds_total{${place},id="/k/a"${more}} 3
container_memory_rss{${place},id="/k/a"${more}} 1000
container_memory_mapped_file{${place},id="/k/a"${more}} 24
container_memory_cache{${place},id="/k/a"${more}} 77
container_memory_working_set_bytes{${place},id="/k/a"${more}} 1500
container_fs_reads_bytes_total{${place},device="/dev/sda",id="/k/a"${more}} 10
container_fs_reads_bytes_total{${place},device="/dev/sdb",id="/k/a"${more}} 5
container_oom_events_total{${place},id="/k/a"${more}} 2
container_start_time_seconds{${place},id="/k/a"${more}} 200
`;
const podNetwork = `
container_network_receive_bytes_total{container="",namespace="shop",pod="web-0",interface="eth0",id="/k"} 600
container_network_receive_bytes_total{container="",namespace="shop",pod="web-0",interface="eth1",id="/k"} 60
container_network_receive_bytes_total{container="",namespace="shop",pod="web-0",interface="lo",id="/k"} 9000
container_network_receive_bytes_total{id="/",interface="eth0"} 5000
container_network_receive_bytes_total{id="/",interface="cali123"} 4000
`;

function tallied(text: string) {
  const tally = new KubeletTally();
  const reader = new ExpositionReader(kubeletMetrics, tally.take);
  reader.write(Buffer.from(text));
  reader.end();
  return tally.numbers();
}

describe('numbers of a kubelet', () => {
  test.each([
    ['of today', 'container="app",namespace="shop",pod="web-0",name="n"'],
    ['from before Kubernetes 1.16', 'container_name="app",namespace="shop",pod_name="web-0",name="n"'],
    ['with what would end a careless parser', 'container="app",namespace="shop",pod="web-0",image="a,b}{\\"c\\\\"'],
  ])('are read with labels %s', (_what, place) => {
    expect(tallied(cadvisor(place) + podNetwork)).toEqual({
      node: { networkReceived: 5000 },
      dropped: 0,
      containers: [
        {
          ...{ namespace: 'shop', pod: 'web-0', name: 'app', at: undefined, oomKills: 2 },
          numbers: {
            ...{ cpu: 120.5, cpuThrottled: 3, memory: 1024, memoryCache: 77, memoryWorkingSet: 1500 },
            ...{ diskRead: 15, networkReceived: 660 },
          },
        },
      ],
    });
  });

  test('count a series once that is told twice, and leave out what is no number', () => {
    const one = 'container="app",namespace="shop",pod="web-0",id="/k/a"';
    const { containers, node } = tallied(`
container_cpu_usage_seconds_total{${one},cpu="cpu00"} 2
container_cpu_usage_seconds_total{${one},cpu="cpu01"} 3
container_cpu_usage_seconds_total{${one},cpu="cpu01"} 3
container_memory_rss{${one}} NaN
container_memory_cache{${one}} +Inf
container_memory_working_set_bytes{${one}} -1
container_network_receive_bytes_total{namespace="shop",pod="web-0",interface="eth0",id="/k"} 600
container_network_receive_bytes_total{namespace="shop",pod="web-0",interface="eth0",id="/k"} 600
container_network_receive_bytes_total{id="/",interface="eth0"} 5
container_network_receive_bytes_total{id="/",interface="eth0"} 5
`);
    expect(containers.map(({ numbers }) => numbers)).toEqual([{ cpu: 5, networkReceived: 600 }]);
    expect(node).toEqual({ networkReceived: 5 });
  });

  test('are of the container that runs, not of the one before it, which cAdvisor still has', () => {
    const place = (group: string) => `container="app",namespace="shop",pod="web-0",id="${group}"`;
    const { containers } = tallied(
      `container_cpu_usage_seconds_total{${place('/old')}} 900 5000
container_start_time_seconds{${place('/old')}} 100
container_cpu_usage_seconds_total{${place('/new')}} 7 6000
container_start_time_seconds{${place('/new')}} 300
container_memory_rss{${place('/old')}} 1
container_memory_working_set_bytes{container="app",namespace="shop",pod="web-0"} 50
node_cpu_usage_seconds_total 12
node_memory_working_set_bytes 34`,
    );
    expect(containers).toMatchObject([{ at: 6000, numbers: { cpu: 7, memoryWorkingSet: 50 } }]);
    expect(containers[0]?.numbers.memory).toBeUndefined();
  });

  test('of sandboxes, Pods and control groups are no container’s, and what is no number is none', () => {
    const { containers, node } = tallied(`
container_memory_rss{container="POD",namespace="shop",pod="web-0",id="/p"} 1
container_memory_rss{container="",namespace="shop",pod="web-0",id="/q"} 2
container_memory_rss{id="/system.slice"} 3
container_memory_rss{container="app",namespace="shop",pod="web-0",id="/k"} NaN
container_memory_rss{container="app",namespace="shop",pod="web-0",id="/k"} -5
node_cpu_usage_seconds_total +Inf`);
    expect([containers, node]).toEqual([[], {}]);
  });

  test('of more containers than a node has are cut, and said to be', () => {
    const lines = Array.from(
      { length: 9000 },
      (_, at) => `container_memory_rss{container="c${at}",namespace="n",pod="p",id="/"} 1`,
    );
    const { containers, dropped } = tallied(lines.join('\n'));
    expect([containers.length, dropped]).toEqual([8192, 808]);
  });
});

test('what metrics-server says is read as quantities, and what has no name or time is left out', () => {
  const timestamp = '2026-11-20T10:00:00Z';
  const usage = { cpu: '156340123n', memory: '123456Ki' };
  expect(nodesUsed({ items: [{ metadata: { name: 'a' }, timestamp, window: '20s', usage }, { usage }, null] })).toEqual(
    [{ node: 'a', at: Date.parse(timestamp), used: { cpu: 0.156340123, memoryWorkingSet: 123456 * 1024 } }],
  );
  const containers = [{ name: 'app', usage }, { usage }, 7, { name: 'odd', usage: { cpu: 'much', memory: -1 } }];
  const metadata = { name: 'web-0', namespace: 'shop' };
  expect(
    podsUsed({
      items: [
        { metadata, timestamp, containers },
        { metadata, timestamp: 'now' },
      ],
    }),
  ).toMatchObject([{ namespace: 'shop', pod: 'web-0', containers: [{ name: 'app' }, { name: 'odd', used: {} }] }]);
  for (const odd of [null, [], { items: 7 }, { items: [[], 'x'] }])
    expect([nodesUsed(odd), podsUsed(odd)]).toEqual([[], []]);
});

test('two pages of a kubelet and two lists are all that is asked for, whatever a node is called', () => {
  expect(kubeletPath('../../secrets?x=', 'cadvisor')).toBe(
    '/api/v1/nodes/..%2F..%2Fsecrets%3Fx%3D/proxy/metrics/cadvisor',
  );
  expect(metricsServerPath('pods', 'a/b')).toBe('/apis/metrics.k8s.io/v1beta1/namespaces/a%2Fb/pods');
  expect(metricsServerPath('nodes')).toBe('/apis/metrics.k8s.io/v1beta1/nodes');
});

function world(answers: { [path: string]: () => { status?: number; text?: string } }) {
  let now = start;
  const { engine, store, containers } = createGraph();
  const pods = store.sinkOf(kindNamed('Pod'));
  for (const name of ['node-a', 'node-b'])
    store.sinkOf(kindNamed('Node')).event('ADDED', { apiVersion: 'v1', kind: 'Node', metadata: { name, uid: name } });
  const pod = (name: string, nodeName: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', uid: name },
    spec: { nodeName, containers: [{ name: 'app' }] },
  });
  pods.event('ADDED', pod('web-0', 'node-a'));
  pods.event('ADDED', pod('web-1', 'node-b'));
  const series = new Series(1 << 20);
  const clock = () => now;
  const told = new NumbersTold({ lasts: 3 * minute, clock });
  let ending = new AbortController();
  const asked: string[] = [];
  const states = new Map<string, string>();
  let left = 0;
  const answerTo = (path: string) => {
    asked.push(path);
    const { status = 200, text = '' } = answers[path]?.() ?? { status: 404 };
    return { status, headers: {}, body: text };
  };
  const options: RoundsOptions = {
    client: {
      stream: async (path) => {
        const { body, ...rest } = answerTo(path);
        return { ...rest, body: Readable.from([Buffer.from(body)]) };
      },
      get: async (path) => {
        const { body, ...rest } = answerTo(path);
        return { ...rest, body: Buffer.from(body) };
      },
    },
    sink: new NumbersSink({ series, graph: engine, told, clock, containers }),
    told,
    nodes: () => [...engine.members('Node', '')].map(({ name }) => name).toSorted(),
    namespaces: [],
    tell: (family, name, state, reason) =>
      void states.set(`${family} ${name}`, `${state}${reason ? `: ${reason}` : ''}`),
    period: minute,
    signal: ending.signal,
    sleep: async (ms) => {
      now += ms;
      left -= ms;
      if (left <= 0) ending.abort();
      // Pending answers arrive meanwhile.
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
    deadline: () => new AbortController().signal,
  };
  const run = async (what: (all: RoundsOptions) => Promise<void>, minutes: number, change = {}) => {
    left = minutes * minute;
    ending = new AbortController();
    await what({ ...options, signal: ending.signal, ...change });
  };
  const last = (id: string, family: string) => {
    const to = Math.floor(now / minute);
    return series.values(id, family, to - 5, to).findLast((value) => !Number.isNaN(value));
  };
  const shown = (id: string) => {
    const vertex = engine.get(id);
    const { observed } = JSON.parse(vertex ? engine.propertiesOf(vertex) : '{}') as { observed?: unknown };
    return { observed, state: vertex?.health?.state, reason: vertex?.health?.reason };
  };
  const again = (name: string, node: string) => pods.event('MODIFIED', pod(name, node));
  return { run, series, told, asked, states, last, shown, again };
}

const resource = (cpu: () => number) => ({
  text: `container_cpu_usage_seconds_total{container="app",namespace="shop",pod="web-0"} ${cpu()}
container_cpu_usage_seconds_total{container="app",namespace="shop",pod="web-1"} ${cpu()}
container_cpu_usage_seconds_total{container="app",namespace="shop",pod="gone"} 1
container_memory_working_set_bytes{container="app",namespace="shop",pod="web-0"} 2048
node_cpu_usage_seconds_total ${10 * cpu()}\n`,
});

describe('kubelets asked in rounds', () => {
  test('give rates of their own Pods, and are believed about no other', async () => {
    let seconds = 0;
    const { run, last, states, series, asked } = world({
      [kubeletPath('node-a', 'resource')]: () => resource(() => (seconds += 30) && seconds),
      [kubeletPath('node-a', 'cadvisor')]: () => ({
        text: cadvisor('container="app",namespace="shop",pod="web-0"').replaceAll(/^container_cpu_u.*$/gm, ''),
      }),
    });
    await run(kubeletRounds, 3);
    expect(last('Container:shop/web-0/app', 'memory')).toBe(1024);
    expect(last('Container:shop/web-0/app', 'cpu')).toBeGreaterThan(0);
    expect(last('Node:node-a', 'cpu')).toBeGreaterThan(0);
    expect(series.facts('Container:shop/web-0/app')).toEqual({ by: 'kubelet', oomKills: 2 });
    expect([...series.ids()].toSorted()).toEqual(['Container:shop/web-0/app', 'Node:node-a']);
    expect(states.get('kubelets node-a')).toBe('synced');
    expect(states.get('kubelets node-b')).toBe('stale: /metrics/resource answers 404');
    expect(asked.every((path) => path.includes('/proxy/metrics/'))).toBe(true);
  });

  test('a container whose processes are killed for memory while it lives is degraded for an hour, as by a probe', async () => {
    let killed = 2;
    const page = (count: () => number) => () => ({
      text: `container_oom_events_total{container="app",namespace="shop",pod="web-0",id="/k/a"} ${count()}\n`,
    });
    const { run, shown, told, again } = world({
      [kubeletPath('node-a', 'cadvisor')]: page(() => killed),
      // Another node's kubelet is not believed about it.
      [kubeletPath('node-b', 'cadvisor')]: page(() => killed * 10),
    });
    const web = 'Container:shop/web-0/app';
    await run(kubeletRounds, 2);
    expect(shown(web).observed).toBeUndefined();
    killed = 5;
    await run(kubeletRounds, 2);
    const since = expect.stringMatching(/^2026-11-20T10:/);
    const observed = { by: 'the kubelet of node-a', oomKills: { atLeast: 3, since } };
    expect(shown(web).observed).toEqual(observed);
    expect(shown(web)).toMatchObject({ state: 'degraded', reason: expect.stringMatching(/^OOMKilled 3\+ since/) });
    // What the API server says anew of the Pod takes nothing away.
    again('web-0', 'node-a');
    expect(shown(web).observed).toEqual(observed);
    await run(kubeletRounds, 70);
    expect(shown(web).observed).toBeUndefined();
    killed = 6;
    await run(kubeletRounds, 2);
    expect(shown(web).observed).toBeDefined();
    told.tell('minion', 'node-a');
    await run(kubeletRounds, 2);
    expect(shown(web).observed).toBeUndefined();
  });

  test('that refuse are told once for every node, and left alone for a while', async () => {
    const refusing = () => ({ status: 403, text: 'no' });
    const { run, states, asked } = world({
      [kubeletPath('node-a', 'resource')]: refusing,
      [kubeletPath('node-b', 'resource')]: refusing,
    });
    await run(kubeletRounds, 8);
    expect(states.get('kubelets node-a')).toBe('forbidden: numbers of kubelets need the right to get nodes/proxy');
    expect(states.get('kubelets node-b')).toContain('forbidden');
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  test('are not asked where a minion has the numbers', async () => {
    const { run, told, asked } = world({ [kubeletPath('node-b', 'resource')]: () => resource(() => 1) });
    told.tell('minion', 'node-a');
    await run(kubeletRounds, 2);
    expect(asked.filter((path) => path.includes('node-a'))).toEqual([]);
    expect(asked.some((path) => path.includes('node-b'))).toBe(true);
  });
});

describe('metrics-server', () => {
  const at = new Date(start).toISOString();
  const usage = { cpu: '250m', memory: '64Mi' };
  const lists = {
    [metricsServerPath('nodes')]: () => ({
      text: JSON.stringify({
        items: [{ metadata: { name: 'node-b' }, timestamp: at, usage: { cpu: '2', memory: '1Gi' } }],
      }),
    }),
    [metricsServerPath('pods')]: () => ({
      text: JSON.stringify({
        items: ['web-0', 'web-1', 'nowhere'].map((name) => ({
          metadata: { name, namespace: 'shop' },
          timestamp: at,
          containers: [{ name: 'app', usage }],
        })),
      }),
    }),
  };

  test('provides last values without other metrics, and names their source', async () => {
    const { run, told, last, series, states } = world(lists);
    told.tell('kubelet', 'node-a');
    await run(metricsServerRounds, 1.5);
    expect(last('Container:shop/web-1/app', 'cpu')).toBe(0.25);
    expect(last('Container:shop/web-1/app', 'memoryWorkingSet')).toBe(2 ** 26);
    expect(last('Node:node-b', 'cpu')).toBe(2);
    expect(series.facts('Node:node-b')).toEqual({ by: 'metrics-server' });
    expect([...series.ids()].toSorted()).toEqual(['Container:shop/web-1/app', 'Node:node-b']);
    expect(states.get('metrics-server metrics.k8s.io')).toBe('synced');
  });

  test.each([
    [404, 'undefined'],
    [403, 'excluded: last values need the right to list nodes and pods of metrics.k8s.io'],
    [503, 'absent: it answers 503'],
  ])('that answers %i leaves the graph complete', async (status, expected) => {
    const { run, states, series } = world({ [metricsServerPath('nodes')]: () => ({ status }) });
    await run(metricsServerRounds, 1);
    expect(states.get('metrics-server metrics.k8s.io')).toBe(expected);
    expect([...series.ids()]).toEqual([]);
  });

  test('is asked for the Pods of the namespaces alone that may be read', async () => {
    const { run, asked } = world({ [metricsServerPath('pods', 'shop')]: () => ({ text: '{"items":[]}' }) });
    await run(metricsServerRounds, 1, { namespaces: ['shop'] });
    expect([...new Set(asked)]).toEqual([metricsServerPath('pods', 'shop')]);
  });

  test('that sends nonsense is told, and nothing is made of it', async () => {
    const { run, states } = world({ [metricsServerPath('nodes')]: () => ({ text: '<html>' }) });
    await run(metricsServerRounds, 1);
    expect(states.get('metrics-server metrics.k8s.io')).toBe('absent: it does not answer');
  });
});
