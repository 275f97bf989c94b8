// Connections reported by other agents, through a real Prometheus that scrapes their metrics: each agent's series lead to the
// right relations, despite the known errors in them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConnectionBook } from '../../master/sources/connections/connection-book.ts';
import { graphLookup, liftedIn } from '../../master/sources/connections/graph-lookup.ts';
import { openConnections } from '../../master/sources/connections/open.ts';
import { readMappings } from '../../master/sources/connections/read-mappings.ts';
import { Reading } from '../../master/sources/connections/reading.ts';
import { Addresses } from '../../master/sources/metrics/addresses.ts';
import { openPrometheus } from '../../master/sources/prometheus/prometheus.ts';
import { silentLogger } from '../../src/logger.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { comesTo } from '../support/comes-to.ts';
import { eventually } from '../support/engines/daemon.ts';
import { type FakeHttp, serve } from '../support/fake-http.ts';
import { prometheusHere, type RealPrometheus, startPrometheus } from '../support/prometheus.ts';
import { createGraph, kindNamed } from '../support/random-cluster.ts';
import { finish } from '../support/steps.ts';

let ticks = 0;
/** Grows with each scrape. */
const growing = () => 100 + ticks;

/** web → db through the Service db; web → a failing external host; the rest must not lead to relations. */
const expositions: { readonly [agent: string]: () => string } = {
  coroot: () => `
container_net_tcp_active_connections{container_id="/k8s/shop/web-0/app",destination="10.96.0.7:80",actual_destination="10.0.0.2:5432"} 2
container_net_tcp_active_connections{container_id="/k8s/shop/web-0/app",destination="10.96.0.9:80",actual_destination="10.0.0.9:1"} 0
container_net_tcp_active_connections{container_id="/k8s/shop/web-0/app",destination="127.0.0.1:80",actual_destination="127.0.0.1:80"} 5
container_net_tcp_active_connections{container_id="/system.slice/sshd",destination="10.0.0.2:1",actual_destination="10.0.0.2:1"} 1
container_net_tcp_successful_connects_total{container_id="/k8s/shop/web-0/app",destination="10.0.0.8:99",actual_destination="10.0.0.8:99"} 7
container_net_tcp_failed_connects_total{container_id="/k8s/shop/web-0/app",destination="198.51.100.7:443"} ${growing()}
`,
  istio: () => `
istio_tcp_connections_opened_total{reporter="source",source_workload="web",source_workload_namespace="shop",destination_workload="db",destination_workload_namespace="shop",destination_service_name="db",destination_service_namespace="shop"} ${growing()}
istio_requests_total{reporter="destination",source_workload="web",source_workload_namespace="shop",destination_workload="db",destination_workload_namespace="shop",response_code="200"} ${growing()}
istio_requests_total{reporter="destination",source_workload="unknown",source_workload_namespace="unknown",destination_workload="db",destination_workload_namespace="shop"} ${growing()}
`,
  obi: () => {
    const flow = (direction: string, source: string, target: string) =>
      `obi_network_flow_bytes_total{direction="${direction}",${source},${target}} ${growing()}`;
    const end = (side: string, name: string, type: string) =>
      `k8s_${side}_namespace="shop",k8s_${side}_owner_name="${name}",k8s_${side}_owner_type="${type}"`;
    return [
      flow('request', end('src', 'web', 'Deployment'), end('dst', 'db', 'StatefulSet')),
      flow('request', end('src', 'web', 'Deployment'), end('dst', 'db', 'Service')),
      flow('response', end('src', 'db', 'StatefulSet'), end('dst', 'web', 'Deployment')),
      flow('unknown', end('src', 'web', 'Deployment'), end('dst', 'dns', 'Deployment')),
      '',
    ].join('\n');
  },
  // Replies and lookups of names are other protocols or directions.
  hubble: () => `
hubble_port_distribution_total{protocol="TCP",port="5432",source_namespace="shop",source_workload="web",source_workload_kind="Deployment",destination_namespace="shop",destination_workload="db",destination_workload_kind="StatefulSet"} ${growing()}
hubble_port_distribution_total{protocol="UDP",port="53",source_namespace="shop",source_workload="web",source_workload_kind="Deployment",destination_namespace="shop",destination_workload="dns",destination_workload_kind="Deployment"} ${growing()}
hubble_port_distribution_total{protocol="TCP",port="443",source_namespace="shop",source_workload="web",source_workload_kind="Deployment",destination_namespace="",destination_workload="",destination_workload_kind=""} ${growing()}
`,
  linkerd: () => `
tcp_open_connections{direction="outbound",peer="dst",namespace="shop",pod="web-0",dst_namespace="shop",dst_statefulset="db",dst_service="db"} 1
tcp_open_connections{direction="outbound",peer="src",namespace="shop",pod="web-0"} 3
tcp_open_connections{direction="inbound",peer="src",namespace="shop",pod="db-0"} 1
tcp_open_connections{direction="outbound",peer="dst",namespace="shop",pod="web-0",dst_namespace="shop",dst_deployment="dns",dst_service="dns"} 0
`,
  // Both sides are told, and a link never goes away.
  caretta: () => `
caretta_links_observed{role="1",client_kind="Deployment",client_name="web",client_namespace="shop",server_kind="Service",server_name="db",server_namespace="shop",server_port="5432"} ${growing()}
caretta_links_observed{role="2",client_kind="StatefulSet",client_name="db",client_namespace="shop",server_kind="Deployment",server_name="web",server_namespace="shop",server_port="80"} ${growing()}
`,
  // A connection through a Service is told to the Service and to the Pod; the other flag is its answer.
  netobserv: () => {
    const to = (kind: string, flags = 'SYN') =>
      `netobserv_workload_syn_out{namespace="shop",workload="web",kind="Deployment",to_namespace="shop",to_workload="db",to_kind="${kind}",port="5432",Flags="${flags}"} ${growing()}`;
    const outside = `netobserv_workload_syn_out{namespace="",workload="",kind="",to_namespace="shop",to_workload="web",to_kind="Deployment",port="80",Flags="SYN"} ${growing()}`;
    return [to('StatefulSet'), to('Service'), to('Node', 'SYN_ACK'), outside, ''].join('\n');
  },
  // The answers have another flag, and who is not of the cluster has only an address.
  retina: () => {
    const end = (side: string, name: string, ip: string) =>
      `${side}_ip="${ip}",${side}_namespace="${name && 'shop'}",${side}_podname="${name}",${side}_workload_kind="unknown",${side}_workload_name="unknown"`;
    const count = (flag: string, ends: string) =>
      `networkobservability_adv_tcpflags_count{flag="${flag}",${ends}} ${growing()}`;
    const [web, db] = [
      (side: string) => end(side, 'web-0', '10.0.0.1'),
      (side: string) => end(side, 'db-0', '10.0.0.2'),
    ];
    return [
      count('SYN', `${web('source')},${db('destination')}`),
      count('SYN_ACK', `${db('source')},${web('destination')}`),
      count('SYN', `${web('source')},${end('destination', '', '198.51.100.7')}`),
      count('SYN', `${end('source', '', '198.51.100.9')},${web('destination')}`),
      '',
    ].join('\n');
  },
};

/** The source of that name as the documentation has it, asked from another Prometheus. */
function documented(name: string, url: string): string {
  const text = readFileSync(new URL('../../docs/telemetry.md', import.meta.url), 'utf8');
  const [, block = ''] = /```yaml\nsources:\n([\s\S]*?)```/.exec(text) ?? [];
  const found = block.split(/^(?= {2}- name: )/m).find((each) => each.startsWith(`  - name: ${name}\n`));
  if (found === undefined) throw new Error(`there is no ${name} in the documentation`);
  return found.replace(/read: \{.*\}/, `read: { prometheus: "${url}", every: 5s }`);
}

describe.skipIf(prometheusHere() === undefined)('agents through a real Prometheus', () => {
  let agents: FakeHttp;
  let prometheus: RealPrometheus;
  beforeAll(async () => {
    agents = await serve((request, response) => {
      const agent = request.url?.slice(1) ?? '';
      ticks++;
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(expositions[agent]?.() ?? '');
    });
    const jobs = Object.keys(expositions).map(
      (agent) =>
        `  - { job_name: ${agent}, metrics_path: /${agent}, static_configs: [{ targets: ['${agents.url.slice(7)}'] }] }\n`,
    );
    prometheus = await startPrometheus(
      `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n${jobs.join('')}`,
    );
    await eventually('two scrapes of each agent', 30_000, async () => {
      const counted = await Promise.all(
        [
          ...['container_net_tcp_failed_connects_total', 'istio_requests_total', 'obi_network_flow_bytes_total'],
          ...['hubble_port_distribution_total', 'caretta_links_observed', 'netobserv_workload_syn_out'],
          'networkobservability_adv_tcpflags_count',
        ].map((metric) => prometheus.query(`increase(${metric}[300s]) > 0`)),
      );
      return counted.every((found) => found.length > 0);
    });
  });
  afterAll(async () => {
    await prometheus?.close();
    await agents?.close();
  });

  function cluster() {
    const graph = createGraph();
    const put = (kind: string, name: string, more: object) =>
      graph.store.sinkOf(kindNamed(kind)).event('ADDED', {
        ...{ apiVersion: 'v1', kind, metadata: { name, namespace: 'shop', uid: `${kind}-${name}` } },
        ...more,
      } as KubernetesObject);
    const owned = (kind: string, name: string, owner: string, ownerKind: string, more: object) =>
      put(kind, name, {
        ...{ apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1' },
        metadata: {
          ...{ name, namespace: 'shop', uid: `${kind}-${name}` },
          ownerReferences: [
            { apiVersion: 'apps/v1', kind: ownerKind, name: owner, uid: `${ownerKind}-${owner}`, controller: true },
          ],
        },
        ...more,
      });
    const pod = (port: number, podIP: string) => ({
      spec: { containers: [{ name: port === 80 ? 'app' : 'pg', ports: [{ containerPort: port }] }] },
      status: { podIP },
    });
    put('Deployment', 'web', { apiVersion: 'apps/v1' });
    put('Deployment', 'dns', { apiVersion: 'apps/v1' });
    put('StatefulSet', 'db', { apiVersion: 'apps/v1' });
    put('Service', 'db', { spec: { clusterIP: '10.96.0.7' } });
    owned('ReplicaSet', 'web-5f', 'web', 'Deployment', {});
    owned('Pod', 'web-0', 'web-5f', 'ReplicaSet', pod(80, '10.0.0.1'));
    owned('Pod', 'db-0', 'db', 'StatefulSet', pod(5432, '10.0.0.2'));
    return graph;
  }

  const source = (use: string, url = prometheus.url) =>
    `  - { name: ${use}, use: ${use}, read: { prometheus: "${url}", every: 5s } }\n`;

  async function seenBy(...uses: string[]) {
    const { engine } = cluster();
    const addresses = new Addresses(engine);
    finish(addresses.fill());
    const book = new ConnectionBook();
    const { signal } = new AbortController();
    const states: unknown[] = [];
    const recipes = ['hubble', 'linkerd', 'caretta', 'netobserv', 'retina'];
    const texts = uses.map((use) => (recipes.includes(use) ? documented(use, prometheus.url) : source(use)));
    const { sources, faults } = readMappings('f', `sources:\n${texts.join('')}`);
    expect(faults).toEqual([]);
    for (const each of sources) {
      const client = openPrometheus(each.read, signal);
      const reading = new Reading({
        ...{ source: each, prometheus: client, book, lookup: graphLookup(engine, addresses), clock: Date.now, signal },
        tell: (...said) => void states.push(said),
        onTaken: async () => undefined,
        sleep: async () => undefined,
      });
      await reading.round();
      client.close();
    }
    expect(states).toEqual(uses.map(() => ['synced']));
    const standing = book.standing({ lifted: liftedIn(engine), probed: new Set() });
    return [...standing].flatMap(([from, all]) => all.map(({ since: _since, ...each }) => ({ from, ...each })));
  }

  /** A scrape that comes late on a busy machine leaves a gap in the series of its agent. */
  const sees = (uses: readonly string[], expected: readonly object[]) =>
    comesTo(`what ${uses.join(', ')} saw`, 30_000, () => seenBy(...uses), expected);

  const workload = { from: 'Deployment:shop/web', to: 'StatefulSet:shop/db', ports: [], via: 'Service:shop/db' };

  test('coroot-node-agent: container to container through the Service, and what fails', async () => {
    const app = 'Container:shop/web-0/app';
    const by = ['coroot-node-agent'];
    // A connection from before the first scrape shows no increase; it is found because it was not there before.
    await sees(
      ['coroot-node-agent'],
      [
        { from: app, to: 'Container:shop/db-0/pg', ports: [5432], via: 'Service:shop/db', by },
        { from: app, to: 'Host:10.0.0.8', ports: [99], by },
        { from: app, to: 'Host:198.51.100.7', ports: [443], failed: true, by },
      ],
    );
  });

  test('Istio: workload to workload, without unknown ends', async () => {
    await sees(['istio'], [{ ...workload, by: ['istio'] }]);
  });

  test('OBI: requests alone, and the Service folded', async () => {
    await sees(['obi'], [{ ...workload, by: ['obi'] }]);
  });

  test('the recipes of the documentation: Hubble with its port, Linkerd through the Service, Caretta to the Service', async () => {
    const pod = { from: 'Pod:shop/web-0', to: 'StatefulSet:shop/db', ports: [], via: 'Service:shop/db' };
    const web = { from: 'Deployment:shop/web', ports: [5432] };
    await sees(['hubble'], [{ ...web, to: 'StatefulSet:shop/db', by: ['hubble'] }]);
    await sees(['linkerd'], [{ ...pod, by: ['linkerd'] }]);
    await sees(['caretta'], [{ ...web, to: 'Service:shop/db', by: ['caretta'] }]);
  });

  test('the recipes of the documentation: NetObserv with the Service folded, Retina from Pod to Pod', async () => {
    await sees(['netobserv'], [{ ...workload, ports: [5432], by: ['netobserv'] }]);
    await sees(['retina'], [{ from: 'Pod:shop/web-0', to: 'Pod:shop/db-0', ports: [], by: ['retina'] }]);
  });

  test('several agents at once report each pair once, as finely as the finest of them', async () => {
    const pairs = async () =>
      (await seenBy('obi', 'istio', 'coroot-node-agent')).map(({ from, to }) => `${from} ${to}`);
    await comesTo('the pairs', 30_000, pairs, [
      'Container:shop/web-0/app Container:shop/db-0/pg',
      'Container:shop/web-0/app Host:10.0.0.8',
      'Container:shop/web-0/app Host:198.51.100.7',
    ]);
  });

  test('a configured source adds its relations and reports its state, and its relations go with it', async () => {
    const { engine, containers } = cluster();
    const folder = mkdtempSync(join(tmpdir(), 'connections-'));
    const file = join(folder, 'connections.yaml');
    const states = new Map<string, unknown>();
    writeFileSync(file, `sources:\n${source('istio')}${source('beyla')}`);
    const opened = openConnections({
      ...{ file, graph: engine, logger: silentLogger, synced: Promise.resolve() },
      show: (standing) => containers.connections.say(standing),
      probed: () => [],
      tell: (name, state, reason) => void states.set(name, [state, reason]),
    });
    opened.start(undefined as never);
    const properties = () => engine.propertiesOf(engine.get('Deployment:shop/web') as never);
    await eventually('the relation of Istio', 30_000, async () => properties().includes('StatefulSet:shop/db'));
    await eventually('a word of Beyla', 30_000, async () => String(states.get('beyla')).includes('has no series'));
    const ignored = () =>
      opened.counts().find(({ source: of, outcome }) => of === 'istio' && outcome === 'ignored')?.series;
    await comesTo('the state of Istio', 30_000, () => [states.get('istio'), ignored()], [['synced', undefined], 1]);
    writeFileSync(file, 'sources: []\n');
    await eventually('the relation to go', 30_000, async () => !properties().includes('StatefulSet:shop/db'));
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a Prometheus that does not answer and a server that is none are reported as such', async () => {
    const read = async (url: string) => {
      const [one] = readMappings('f', `sources:\n${source('istio', url)}`).sources;
      if (!one) throw new Error('it is not read');
      const client = openPrometheus({ ...one.read, timeout: 20_000 }, new AbortController().signal);
      try {
        await client.query('up');
        return 'it answers';
      } catch (error) {
        return (error as Error).message;
      } finally {
        client.close();
      }
    };
    expect(await read('http://127.0.0.1:1')).toMatch(/cannot be asked: ECONNREFUSED/);
    expect(await read(agents.url)).toMatch(/not as a Prometheus does/);
    expect(await read('http://169.254.169.254')).toMatch(/may not be connected to/);
  });
});
