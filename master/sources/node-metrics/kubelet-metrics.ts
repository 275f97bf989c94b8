// Numbers of a node and its containers from a kubelet's /metrics/resource and /metrics/cadvisor. Pure. Metrics of both:
// https://kubernetes.io/docs/reference/instrumentation/metrics/ and
// https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
import { getOrMake } from '../../../src/get-or-make.ts';
import { leadsOut } from '../../../src/leads-out.ts';
import type { ContainerFamily, NodeFamily } from '../../../src/telemetry-api.ts';
import type { ExposedSample } from './exposition.ts';

type Written<F extends string> = { [family in F]?: number };

export interface KubeletContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly name: string;
  /** Milliseconds since the epoch: when the kubelet measured; undefined if it does not say. */
  readonly at: number | undefined;
  readonly numbers: Readonly<Written<ContainerFamily>>;
  readonly oomKills: number | undefined;
}

export interface KubeletNumbers {
  readonly node: Readonly<Written<NodeFamily>>;
  readonly containers: readonly KubeletContainer[];
  /** Containers and Pods left out because there were too many. */
  readonly dropped: number;
}

/** Maximum of one node. Kubernetes supports 110 Pods on one; some run several hundred. */
const mostContainers = 8192;

/** Samples that are added up: of processors, interfaces and devices. */
const containerMetrics: { readonly [metric: string]: ContainerFamily } = {
  container_cpu_usage_seconds_total: 'cpu',
  container_cpu_cfs_throttled_seconds_total: 'cpuThrottled',
  container_memory_working_set_bytes: 'memoryWorkingSet',
  // As probes do: anonymous memory, and files that are mapped.
  container_memory_rss: 'memory',
  container_memory_mapped_file: 'memory',
  container_memory_cache: 'memoryCache',
  container_fs_reads_bytes_total: 'diskRead',
  container_fs_writes_bytes_total: 'diskWritten',
};
const networkMetrics: { readonly [metric: string]: 'networkReceived' | 'networkSent' } = {
  container_network_receive_bytes_total: 'networkReceived',
  container_network_transmit_bytes_total: 'networkSent',
};
const nodeMetrics: { readonly [metric: string]: NodeFamily } = {
  node_cpu_usage_seconds_total: 'cpu',
  node_memory_working_set_bytes: 'memoryWorkingSet',
};
const startMetric = 'container_start_time_seconds';
const oomMetric = 'container_oom_events_total';

/** Names of all metrics that are read. */
export const kubeletMetrics: ReadonlySet<string> = new Set([
  ...[containerMetrics, networkMetrics, nodeMetrics].flatMap((table) => Object.keys(table)),
  startMetric,
  oomMetric,
]);

/** What is added up, by part: a series that is told twice counts once. */
type Parts<F extends string> = Map<F, Map<string, number>>;

/** Devices, interfaces or processors of one number. */
const mostParts = 1024;

function putPart<F extends string>(parts: Parts<F>, family: F, part: string, value: number): void {
  const known = getOrMake(parts, family, () => new Map<string, number>());
  if (known.size < mostParts || known.has(part)) known.set(part, value);
}

function sumsOf<F extends string>(parts: Parts<F> | undefined): Written<F> {
  const sums: Written<F> = {};
  for (const [family, values] of parts ?? []) sums[family] = [...values.values()].reduce((sum, each) => sum + each, 0);
  return sums;
}

/** One incarnation: after a restart cAdvisor still has the container before, under the same names. */
interface Incarnation {
  start: number;
  at: number | undefined;
  oomKills: number | undefined;
  readonly numbers: Parts<ContainerFamily>;
}

interface Named {
  readonly namespace: string;
  readonly pod: string;
  readonly name: string;
  /** By control group; '' in /metrics/resource, which has only the current one. */
  readonly incarnations: Map<string, Incarnation>;
}

type Traffic = Parts<'networkReceived' | 'networkSent'>;

export class KubeletTally {
  readonly #containers = new Map<string, Named>();
  /** By `namespace/pod`. */
  readonly #traffic = new Map<string, Traffic>();
  readonly #node: Written<NodeFamily> = {};
  readonly #nodeTraffic: Traffic = new Map();
  #dropped = 0;

  readonly take = (sample: ExposedSample): void => {
    // One invalid part would spoil a sum; counters and sizes are never negative.
    if (!Number.isFinite(sample.value) || sample.value < 0) return;
    const { name, labels, value } = sample;
    const ofNode = Object.hasOwn(nodeMetrics, name) ? nodeMetrics[name] : undefined;
    const ofNetwork = Object.hasOwn(networkMetrics, name) ? networkMetrics[name] : undefined;
    if (ofNode) this.#node[ofNode] = value;
    else if (ofNetwork) this.#takeTraffic(ofNetwork, labels, value);
    else this.#takeContainer(sample);
  };

  numbers(): KubeletNumbers {
    const containers = [...this.#containers.values()].map((named) => {
      const { namespace, pod, name } = named;
      const { at, oomKills, numbers } = latestOf(named);
      // Containers of a Pod share its network: each has all of it, as with probes.
      const own = { ...numbers, ...sumsOf(this.#traffic.get(`${namespace}/${pod}`)) };
      return { namespace, pod, name, at, oomKills, numbers: own };
    });
    return { node: { ...this.#node, ...sumsOf(this.#nodeTraffic) }, containers, dropped: this.#dropped };
  }

  #takeTraffic(family: 'networkReceived' | 'networkSent', labels: ExposedSample['labels'], value: number): void {
    const face = labels.get('interface') ?? '';
    if (labels.get('id') === '/') {
      if (leadsOut(face)) putPart(this.#nodeTraffic, family, face, value);
      return;
    }
    const { namespace, pod } = placeOf(labels);
    if (!namespace || !pod || face === 'lo') return;
    const key = `${namespace}/${pod}`;
    if (!this.#traffic.has(key) && this.#traffic.size >= mostContainers) this.#dropped++;
    else
      putPart(
        getOrMake(this.#traffic, key, (): Traffic => new Map()),
        family,
        face,
        value,
      );
  }

  #takeContainer({ name: metric, labels, value, at }: ExposedSample): void {
    const { namespace, pod, name } = placeOf(labels);
    // Without a container it belongs to a Pod or a control group; `POD` is the sandbox.
    if (!namespace || !pod || !name || name === 'POD') return;
    const key = `${namespace}/${pod}/${name}`;
    const known = this.#containers.get(key);
    if (!known && this.#containers.size >= mostContainers) return void this.#dropped++;
    const named = known ?? { namespace, pod, name, incarnations: new Map<string, Incarnation>() };
    if (!known) this.#containers.set(key, named);
    const group = labels.get('id') ?? '';
    if (named.incarnations.size >= 16 && !named.incarnations.has(group)) return;
    const incarnation = getOrMake(
      named.incarnations,
      group,
      (): Incarnation => ({ start: 0, at: undefined, oomKills: undefined, numbers: new Map() }),
    );
    if (metric === startMetric) incarnation.start = value;
    else if (metric === oomMetric) incarnation.oomKills = value;
    else {
      const family = containerMetrics[metric];
      if (!family) return;
      if (family === 'cpu') incarnation.at = at;
      const part = labels.get('device') ?? labels.get('cpu') ?? '';
      putPart(incarnation.numbers, family, `${metric} ${part}`, value);
    }
  }
}

/** What both pages say of the current incarnation; cAdvisor's own where both have a number. */
function latestOf({ incarnations }: Named): Omit<Incarnation, 'start' | 'numbers'> & {
  readonly numbers: Written<ContainerFamily>;
} {
  const said = incarnations.get('');
  const groups = [...incarnations].filter(([group]) => group !== '').map(([, each]) => each);
  const [latest] = groups.toSorted((a, b) => b.start - a.start);
  const numbers = { ...sumsOf(said?.numbers), ...sumsOf(latest?.numbers) };
  return { at: latest?.at ?? said?.at, oomKills: latest ? latest.oomKills : said?.oomKills, numbers };
}

/** Labels are `container_name` and `pod_name` before Kubernetes 1.16. */
function placeOf(labels: ExposedSample['labels']) {
  return {
    namespace: labels.get('namespace'),
    pod: labels.get('pod') ?? labels.get('pod_name'),
    name: labels.get('container') ?? labels.get('container_name'),
  };
}
