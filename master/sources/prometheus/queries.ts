// What is asked of a Prometheus for numbers of containers and nodes, in PromQL: one query for all kinds of number, under the
// names of cAdvisor, of minions and coroot-node-agent, and of the kubelet. Pure.
// cAdvisor's: https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
import { containerFamilies } from '../../../src/telemetry-api.ts';

export interface ContainerPlace {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** A series of the answer, as its labels place it. */
export interface Told {
  readonly family: string;
  /** Where several have a number of one family, the first dialect wins. */
  readonly rank: number;
  /** `container` is empty for what all containers of a Pod share. */
  readonly of: ContainerPlace | { readonly node: string };
}

export interface Wanted {
  readonly containers: readonly ContainerPlace[];
  readonly nodes: readonly string[];
  /** Matchers that every selector has; empty for none. */
  readonly match: string;
  /** Seconds between two numbers. */
  readonly step: number;
}

/** Names in one regular expression; of more nothing is named, and what was not asked for is left out of the answer. */
const mostNames = 60;
/** Seconds that a rate looks back: scrapes may be two minutes apart. */
export const rateWindow = 300;
/** Label that tells the expressions apart. */
const mark = 'insight_number';

/** How an agent names what its series are of. */
interface Dialect {
  readonly name: string;
  /** Labels that a series is told by. */
  readonly keys: readonly string[];
  readonly families: { readonly [family: string]: (at: Selector) => string };
  place(labels: { readonly [label: string]: string }): ContainerPlace | { readonly node: string } | undefined;
}

/** Matchers for what is of a container, and for what is of its Pod; `window`: seconds of a rate, `step`: between numbers. */
interface Selector {
  readonly own: string;
  readonly pod: string;
  readonly keys: string;
  readonly podKeys: string;
  readonly step: number;
}

/** The query; undefined if nothing is asked for. */
export function numbersQuery(wanted: Wanted): string | undefined {
  const parts = dialects.flatMap((dialect) => partsOf(dialect, wanted));
  return parts.length === 0 ? undefined : parts.join('\nor\n');
}

/** Undefined for a series that was not asked for. */
export function toldBy(labels: { readonly [label: string]: string }): Told | undefined {
  const [, name, family = ''] = /^([a-z-]+)\/(\w+)$/.exec(labels[mark] ?? '') ?? [];
  const rank = dialects.findIndex((each) => each.name === name);
  const dialect = dialects[rank];
  if (!dialect || !Object.hasOwn(dialect.families, family)) return undefined;
  const of = dialect.place(labels);
  return of && { family, rank, of };
}

function partsOf(dialect: Dialect, { containers, nodes, match, step }: Wanted): string[] {
  const isOfNodes = dialect.name.startsWith('node');
  if ((isOfNodes ? nodes : containers).length === 0) return [];
  const selector = isOfNodes ? nodeSelector(dialect, nodes, match) : containerSelector(dialect, containers, match);
  return Object.entries(dialect.families).map(
    ([family, expression]) =>
      `label_replace(${expression({ ...selector, step })}, "${mark}", "${dialect.name}/${family}", "", "")`,
  );
}

function nodeSelector({ keys }: Dialect, nodes: readonly string[], match: string) {
  const [label = ''] = keys;
  const own = joined([`${label}=~${oneOf(nodes)}`, match]);
  return { own, pod: own, keys: label, podKeys: label };
}

function containerSelector({ keys }: Dialect, containers: readonly ContainerPlace[], match: string) {
  const namespaces = unique(containers.map(({ namespace }) => namespace));
  const pods = unique(containers.map(({ pod }) => pod));
  const [first = '', pod, container] = keys;
  if (pod === undefined || container === undefined) {
    const path = `"/k8s/(${alternatives(namespaces)})/(${alternatives(pods)})/.+"`;
    const own = joined([`${first}=~${path}`, match]);
    return { own, pod: own, keys: first, podKeys: first };
  }
  const strangers = ['exported_namespace', 'exported_pod'].filter((label) => label !== first && label !== pod);
  const place = joined([
    ...[`${first}=~${oneOf(namespaces)}`, `${pod}=~${oneOf(pods)}`],
    ...strangers.map((label) => `${label}=""`),
    match,
  ]);
  const own = joined([place, `${container}!=""`, `${container}!="POD"`]);
  return { own, pod: place, keys: keys.join(', '), podKeys: `${first}, ${pod}` };
}

const joined = (matchers: readonly string[]) => matchers.filter((each) => each !== '').join(',');
const unique = (names: readonly string[]) => [...new Set(names)].toSorted();

/** A regular expression as a string of PromQL, which is anchored at both ends. */
function oneOf(names: readonly string[]): string {
  return `"${alternatives(names)}"`;
}

function alternatives(names: readonly string[]): string {
  if (names.length > mostNames) return '.+';
  return names.map((name) => inString(name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))).join('|');
}

/** Names are data: what ends a string of PromQL is escaped. JSON's escapes are Go's, too. */
function inString(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

const rate = (metric: string, matchers: string, { step }: Selector) =>
  `rate(${metric}{${matchers}}[${Math.max(rateWindow, step)}s])`;
/** The highest since the number before. */
const peak = (metric: string, matchers: string, { step }: Selector) =>
  step <= rateWindow ? `${metric}{${matchers}}` : `max_over_time(${metric}{${matchers}}[${step}s])`;

/** What two scrapers both have is one number. */
const counted = (metric: string, without: string) => (at: Selector) =>
  `max by (${at.keys}) (sum without (${without}) (${rate(metric, at.own, at)}))`;
const measured = (metric: string) => (at: Selector) => `max by (${at.keys}) (${peak(metric, at.own, at)})`;
const ofPod = (metric: string) => (at: Selector) =>
  `max by (${at.podKeys}) (sum without (interface) (${rate(metric, `${at.pod},interface!="lo"`, at)}))`;

const cadvisor: Dialect['families'] = {
  cpu: counted('container_cpu_usage_seconds_total', 'cpu'),
  cpuThrottled: counted('container_cpu_cfs_throttled_seconds_total', 'cpu'),
  // As probes count it: anonymous memory, and files that are mapped, which many scrapers leave out.
  memory: (at) => {
    const [own, mapped] = ['container_memory_rss', 'container_memory_mapped_file'].map((each) => measured(each)(at));
    return `((${own} + ${mapped}) or ${own})`;
  },
  memoryCache: measured('container_memory_cache'),
  memoryWorkingSet: measured('container_memory_working_set_bytes'),
  networkReceived: ofPod('container_network_receive_bytes_total'),
  networkSent: ofPod('container_network_transmit_bytes_total'),
  diskRead: counted('container_fs_reads_bytes_total', 'device'),
  diskWritten: counted('container_fs_writes_bytes_total', 'device'),
};

const probed: Dialect['families'] = Object.fromEntries(
  Object.entries(containerFamilies)
    .filter(([family]) => family !== 'memoryWorkingSet')
    .map(([family, { metric, counter }]) => [
      family,
      counter ? counted(metric, 'mount_point, device, volume') : measured(metric),
    ]),
);

function namedBy(name: string, namespace: string, pod: string, container: string): Dialect {
  return {
    name,
    keys: [namespace, pod, container],
    families: cadvisor,
    place({ [namespace]: inside, [pod]: of, [container]: own = '' }) {
      return inside === undefined || of === undefined ? undefined : { namespace: inside, pod: of, container: own };
    },
  };
}

/** By the label with the node's name, which depends on who scrapes. */
function nodeBy(name: string, label: string): Dialect {
  const root = (metric: string, at: Selector) => ({ metric, matchers: `${at.own},id="/"` });
  return {
    name,
    keys: [label],
    families: {
      cpu(at) {
        const all = root('container_cpu_usage_seconds_total', at);
        const own = `max by (${label}) (${rate('node_cpu_usage_seconds_total', at.own, at)})`;
        return `(${own} or max by (${label}) (sum without (cpu) (${rate(all.metric, all.matchers, at)})))`;
      },
      memoryWorkingSet(at) {
        const all = root('container_memory_working_set_bytes', at);
        const own = `max by (${label}) (${peak('node_memory_working_set_bytes', at.own, at)})`;
        return `(${own} or max by (${label}) (${peak(all.metric, all.matchers, at)}))`;
      },
    },
    place: ({ [label]: node }) => (node === undefined ? undefined : { node }),
  };
}

/** Best first. */
const dialects: readonly Dialect[] = [
  {
    name: 'minion',
    keys: ['container_id'],
    families: probed,
    place({ container_id: id = '' }) {
      const [, namespace = '', pod = '', container = ''] = /^\/k8s\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(id) ?? [];
      return namespace === '' ? undefined : { namespace, pod, container };
    },
  },
  namedBy('cadvisor', 'namespace', 'pod', 'container'),
  // Where the scraper's own labels won over those of the series: it has no Pod of its own, or is one.
  namedBy('exported-namespace', 'exported_namespace', 'pod', 'container'),
  namedBy('exported', 'exported_namespace', 'exported_pod', 'exported_container'),
  nodeBy('node', 'node'),
  nodeBy('node-instance', 'instance'),
];
