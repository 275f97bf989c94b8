// Numbers of weeks from a real Prometheus, with series as cAdvisor, probes, two scrapers at once and kube-state-metrics expose
// them: what is asked for beyond the last hour, and what right-sizing makes of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FindingBook } from '../../master/findings/book.ts';
import { findingRules } from '../../master/findings/index.ts';
import { PastUse } from '../../master/series/past-use.ts';
import { Series } from '../../master/series/series.ts';
import { AskedNumbers } from '../../master/sources/prometheus/asked-numbers.ts';
import { openPrometheus, type Prometheus } from '../../master/sources/prometheus/prometheus.ts';
import { useRound } from '../../master/sources/prometheus/use-rounds.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { createTestApp } from '../support/app.ts';
import { prometheusHere, type RealPrometheus, startPrometheusWith } from '../support/prometheus.ts';
import { kindNamed } from '../support/random-cluster.ts';
import { finish } from '../support/steps.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const [second, hour, day] = [1000, 3_600_000, 86_400_000];
const scrape = 120 * second;
const [Mi, Gi] = [2 ** 20, 2 ** 30];

interface Shape {
  readonly labels: { readonly [label: string]: string };
  /** Milliseconds before now. */
  readonly from: number;
  readonly to?: number;
  /** By seconds since the beginning: the value, or what a counter has grown to. */
  readonly value: (seconds: number) => number;
}

const series: { readonly [metric: string]: Shape[] } = {};
const add = (metric: string, ...shapes: Shape[]) => {
  (series as { [metric: string]: Shape[] })[metric] = [...(series[metric] ?? []), ...shapes];
};

/** As cAdvisor tells of a container. */
function cadvisor(
  labels: { readonly [label: string]: string },
  span: Pick<Shape, 'from' | 'to'>,
  { cores, bytes, working = bytes }: { cores: number; bytes?: number; working?: number },
): void {
  add('container_cpu_usage_seconds_total', { labels, ...span, value: (seconds) => seconds * cores });
  if (bytes !== undefined) add('container_memory_rss', { labels, ...span, value: () => bytes });
  if (working !== undefined) add('container_memory_working_set_bytes', { labels, ...span, value: () => working });
}

const east = { cluster: 'east', namespace: 'shop' };
const old = 'web-5d4c8b9f6c-bcdfg';
const current = 'web-7f8d9c5b4d-xzvwt';

function fill(): void {
  // Four days of the ReplicaSet before used more than those of now; two scrapers see the same.
  for (const prometheus_replica of ['a', 'b']) {
    const scraper = { ...east, prometheus_replica };
    cadvisor(
      { ...scraper, pod: old, container: 'app' },
      { from: 8 * day, to: 4 * day },
      { cores: 0.4, bytes: 200 * Mi },
    );
    cadvisor({ ...scraper, pod: current, container: 'app' }, { from: 4 * day }, { cores: 0.1, bytes: 100 * Mi });
  }
  cadvisor({ ...east, pod: current, container: 'side' }, { from: 10 * hour }, { cores: 0.01, bytes: 20 * Mi });
  // Another workload whose name begins alike, the same Pod in another cluster, the Pod's sandbox.
  cadvisor(
    { ...east, pod: 'web-api-5d4c8b9f6c-bcdfg', container: 'app' },
    { from: 8 * day },
    { cores: 8, bytes: 8 * Gi },
  );
  cadvisor(
    { ...east, cluster: 'west', pod: current, container: 'app' },
    { from: 8 * day },
    { cores: 9, bytes: 9 * Gi },
  );
  cadvisor({ ...east, pod: current, container: 'POD' }, { from: 4 * day }, { cores: 7, bytes: 7 * Gi });
  add('container_network_receive_bytes_total', {
    labels: { ...east, pod: current, interface: 'eth0' },
    from: 4 * day,
    value: (seconds) => seconds * 1000,
  });
  // Probes tell of the database, which was killed for memory twice.
  const db = { cluster: 'east', container_id: '/k8s/shop/db-0/pg' };
  add('container_resources_cpu_usage_seconds_total', { labels: db, from: 8 * day, value: (seconds) => seconds * 1.5 });
  add('container_resources_memory_rss_bytes', { labels: db, from: 8 * day, value: () => 900 * Mi });
  add('container_oom_kills_total', { labels: db, from: 2 * day, value: (seconds) => (seconds < 3600 ? 1 : 3) });
  // A scraper's own labels won; resident memory and throttled seconds are left out, as many scrapers do.
  const agent = {
    cluster: 'east',
    namespace: 'kube-system',
    exported_namespace: 'shop',
    pod: 'agent-bcdfg',
    container: 'run',
  };
  cadvisor(agent, { from: 8 * day }, { cores: 0.2, working: 50 * Mi });
  for (const [metric, each] of [
    ['periods', 10],
    ['throttled_periods', 4],
  ] as const)
    add(`container_cpu_cfs_${metric}_total`, { labels: agent, from: 8 * day, value: (seconds) => seconds * each });
  cadvisor({ ...east, pod: 'alone', container: 'main' }, { from: 3 * day }, { cores: 0.05, bytes: 60 * Mi });
  add('kube_pod_container_status_last_terminated_reason', {
    labels: { ...east, pod: 'alone', container: 'main', reason: 'OOMKilled' },
    from: 2 * day,
    to: day,
    value: () => 1,
  });
  cadvisor({ ...{ cluster: 'east', node: 'n1' }, id: '/' }, { from: day }, { cores: 2, working: Gi });
}

/** Families one after the other, each series by time. */
function openMetrics(): string {
  const lines = Object.entries(series).flatMap(([metric, shapes]) => [
    `# TYPE ${metric.replace(/_total$/, '')} ${metric.endsWith('_total') ? 'counter' : 'gauge'}`,
    ...shapes.flatMap(({ labels, from, to = 0, value }) => {
      const words = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
      const count = Math.floor((from - to) / scrape) + 1;
      return Array.from({ length: count }, (_, at) => {
        const seconds = (at * scrape) / second;
        return `${metric}{${words.join(',')}} ${value(seconds)} ${(now - from) / second + seconds}`;
      });
    }),
  ]);
  return `${lines.join('\n')}\n# EOF\n`;
}

describe.skipIf(prometheusHere() === undefined)('weeks of a real Prometheus', () => {
  let real: RealPrometheus;
  let prometheus: Prometheus;
  const match = 'cluster="east"';
  beforeAll(async () => {
    fill();
    real = await startPrometheusWith(openMetrics(), '--storage.tsdb.retention.time=90d');
    const place = { prometheus: new URL(`${real.url}/`), credentials: {}, timeout: 20_000 };
    prometheus = openPrometheus(place, new AbortController().signal);
  }, 90_000);
  afterAll(async () => {
    prometheus?.close();
    await real?.close();
  });

  function world() {
    const use = new PastUse();
    const own = new Series(1 << 20);
    const numbers = new AskedNumbers({ prometheus, match, clock: () => now });
    const app = createTestApp({
      clock: () => now,
      now: () => now,
      series: own,
      prometheus: numbers,
      pastUse: use,
      findingBook: new FindingBook(findingRules, own, use),
    } as never);
    const put = (kind: string, name: string, more: object = {}, owner?: readonly [kind: string, name: string]) => {
      const [ownerKind = '', ownerName = ''] = owner ?? [];
      const reference = { apiVersion: 'apps/v1', kind: ownerKind, name: ownerName, uid: ownerName, controller: true };
      app.store.sinkOf(kindNamed(kind)).event('ADDED', {
        apiVersion: ['Pod', 'Node'].includes(kind) ? 'v1' : 'apps/v1',
        kind,
        metadata: {
          ...{ name, uid: name, ...(kind === 'Node' ? {} : { namespace: 'shop' }) },
          ...(owner ? { ownerReferences: [reference] } : {}),
        },
        ...more,
      } as KubernetesObject);
    };
    const resources = { requests: { cpu: '2', memory: '64Mi' }, limits: { cpu: '2', memory: '1Gi' } };
    const spec = (...names: string[]) => ({ spec: { containers: names.map((name) => ({ name, resources })) } });
    for (const name of ['web', 'web-api']) put('Deployment', name, { spec: { template: spec('app', 'side') } });
    put('ReplicaSet', 'web-7f8d9c5b4d', {}, ['Deployment', 'web']);
    put('ReplicaSet', 'web-api-1', {}, ['Deployment', 'web-api']);
    put('StatefulSet', 'db', { spec: { template: spec('pg') } });
    put('DaemonSet', 'agent', { spec: { template: spec('run') } });
    put('Node', 'n1');
    put('Pod', current, spec('app', 'side'), ['ReplicaSet', 'web-7f8d9c5b4d']);
    put('Pod', 'web-api-1-x', spec('app'), ['ReplicaSet', 'web-api-1']);
    put('Pod', 'db-0', spec('pg'), ['StatefulSet', 'db']);
    put('Pod', 'agent-bcdfg', spec('run'), ['DaemonSet', 'agent']);
    put('Pod', 'alone', spec('main'));
    put('Pod', 'unseen', spec('main'));
    const get = async (path: string) => (await app.app.inject(path)).json();
    const states: unknown[] = [];
    const round = () =>
      useRound({
        ...{ prometheus, graph: app.engine, use, match, window: 7 * day, clock: () => now },
        run: async (steps) => finish(steps),
        tell: (...said) => void states.push(said),
        signal: new AbortController().signal,
        sleep: async () => undefined,
      });
    return { get, use, round, states };
  }

  test('the past of a workload has the Pods that are gone, once for two scrapers, and no other workload or cluster', async () => {
    const { use, round, states } = world();
    expect(await round()).toBe(true);
    expect(states).toEqual([['synced']]);
    const web = use.of('Deployment:shop/web', 'app');
    expect(web).toMatchObject({
      window: { source: 'prometheus', minutes: 10_080, step: 15, to: '2026-11-20T12:00:00.000Z' },
      containers: 2,
      minutes: 10_080,
      memory: { median: 100 * Mi, p95: 200 * Mi, most: 200 * Mi },
      oomKills: 0,
    });
    expect(web?.cpu?.most).toBeCloseTo(0.4, 2);
    expect(web?.cpu?.median).toBeCloseTo(0.1, 2);
    expect(use.of('Deployment:shop/web', 'side')?.minutes).toBeCloseTo(600, -2);
    expect(use.of('StatefulSet:shop/db', 'pg')).toMatchObject({ memory: { most: 900 * Mi }, oomKills: 2 });
    expect(use.of('Pod:shop/alone', 'main')).toMatchObject({ oomKills: 1 });
    const agent = use.of('DaemonSet:shop/agent', 'run');
    expect(agent?.memory?.most).toBe(50 * Mi);
    expect(agent?.throttledPeriods).toBeCloseTo(0.4, 2);
    expect(use.of('Pod:shop/unseen', 'main')).toBeUndefined();
  });

  test('right-sizing uses the numbers, names their time and source, and says why it proposes nothing', async () => {
    const { get, round } = world();
    expect((await get('/cluster/right-sizing')).reason).toMatch(/no usage of a container is known/);
    await round();
    const { workloads, reason } = await get('/cluster/right-sizing');
    expect(reason).toBeUndefined();
    const of = (workload: string, container: string) =>
      workloads.find(
        (each: { workload: string; container: string }) => each.workload === workload && each.container === container,
      );
    const web = of('Deployment:shop/web', 'app');
    expect(web.window).toMatchObject({ source: 'prometheus', minutes: 10_080 });
    expect(
      web.facts.map(({ field, quantity, why }: { field: string; quantity: string; why: string }) => [
        field,
        quantity,
        why,
      ]),
    ).toEqual([
      ['requests.cpu', '460m', 'in nineteen of twenty intervals of 15 minutes, over 7 d, it used at most 0.4 cores'],
      ['requests.memory', '230Mi', 'it held 200 MiB at most over 7 d'],
    ]);
    expect(web.action.wanted).toEqual({ requests: { cpu: '460m', memory: '230Mi' } });
    expect(of('Deployment:shop/web', 'side').unknown).toMatch(
      /^10(\.\d)? h of the last 7 d are known, 24 h are needed$/,
    );
    expect(of('StatefulSet:shop/db', 'pg').facts.map(({ why }: { why: string }) => why)).toContain(
      'it was killed for memory at least 2 times over 7 d',
    );
    expect(of('DaemonSet:shop/agent', 'run').facts.map(({ why }: { why: string }) => why)).toContain(
      'its limit held it up in 40 % of its scheduling periods',
    );
    expect(of('Pod:shop/unseen', 'main')).toBeUndefined();
    expect((await get('/cluster/right-sizing?root=Pod:shop/unseen')).reason).toMatch(/no usage/);
  });

  test('findings say the same', async () => {
    const { get, round } = world();
    await round();
    const { findings } = await get('/cluster/findings?name=resources-missized');
    const said = findings.map(
      ({ resource, sentence }: { resource: string; sentence: string }) => `${resource} ${sentence}`,
    );
    expect(said.join('\n')).toMatch(/^Deployment:shop\/web .*requests\.cpu 2000m → 460m: .*over 7 d/m);
    expect(said.join('\n')).toMatch(/^StatefulSet:shop\/db .*killed for memory at least 2 times over 7 d/m);
  });

  test('of seven days there are numbers as far apart as an answer has room for, and whose they are', async () => {
    const { get } = world();
    const answer = await get(`/cluster/metrics?of=Pod:shop/${current},Node:n1&range=7d`);
    expect(answer).toMatchObject({ success: true, source: 'prometheus', step: 3600, to: '2026-11-20T12:00:00.000Z' });
    const { families, by, containers } = answer.resources[`Pod:shop/${current}`];
    expect([by, containers]).toEqual([['prometheus'], 2]);
    expect(families.cpu.values).toHaveLength(168);
    expect(families.cpu.values.slice(0, 60)).toEqual(Array(60).fill(null));
    expect(families.cpu.values[120]).toBeCloseTo(0.1, 2);
    expect(families.cpu.last).toBeCloseTo(0.11, 2);
    expect(families.memory.last).toBe(120 * Mi);
    expect(families.networkReceived.last).toBeCloseTo(1000, 0);
    expect(answer.resources['Node:n1'].families.cpu.last).toBeCloseTo(2, 1);
    expect(answer.resources['Node:n1'].families.memoryWorkingSet.last).toBe(Gi);
    expect(answer.unknown).toBeUndefined();
  });

  test('missing numbers are reported, and numbers that only Prometheus has are asked of it', async () => {
    const { get } = world();
    const unseen = await get('/cluster/metrics?of=Pod:shop/unseen&range=2d');
    expect(unseen.unknown).toBe('the Prometheus has numbers of 0 of the 1 containers and nodes that it was asked for');
    const last = await get('/cluster/metrics?root=Namespace:shop');
    expect([last.source, Object.keys(last.resources).length]).toEqual(['prometheus', 5]);
    expect(last.unknown).toBe('the Prometheus has numbers of 5 of the 7 containers and nodes that it was asked for');
    const older = await get('/cluster/metrics?of=Pod:shop/alone&range=30m&at=2026-11-19T12:00:00Z');
    expect([older.source, older.step, older.resources['Pod:shop/alone'].families.memory.last]).toEqual([
      'prometheus',
      60,
      60 * Mi,
    ]);
  });
});
