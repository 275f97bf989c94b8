// What the nodes' probes tell of containers and nodes, as points under the names that Prometheus, the kubelet and kube-state-metrics
// have for them, with what the containers ask for beside it. Made when a node tells it; each point is handed out once.
import { parseId } from '../../src/ids.ts';
import type { Labels, Point } from '../../src/shipping/points.ts';
import { containerFamilies, nodeFamilies } from '../../src/telemetry-api.ts';
import type { GraphReader } from '../graph/contract.ts';
import { resourcesAsked } from '../series/resources-asked.ts';
import type { ToldNumbers } from '../sources/metrics/telemetry-sink.ts';

/** Standard metric names where they have the same meaning; others have our own prefix. */
const containerNames: { readonly [family: string]: string } = {
  cpu: 'container_cpu_usage_seconds_total',
  cpuThrottled: 'container_cpu_cfs_throttled_seconds_total',
  memory: 'container_memory_rss',
  memoryCache: 'container_memory_cache',
  memoryWorkingSet: 'container_memory_working_set_bytes',
  networkReceived: 'container_network_receive_bytes_total',
  networkSent: 'container_network_transmit_bytes_total',
  diskRead: 'container_fs_reads_bytes_total',
  diskWritten: 'container_fs_writes_bytes_total',
};
const nodeNames: { readonly [family: string]: string } = {
  cpu: 'node_cpu_usage_seconds_total',
  memoryAvailable: 'node_memory_MemAvailable_bytes',
  networkReceived: 'node_network_receive_bytes_total',
  networkSent: 'node_network_transmit_bytes_total',
  diskRead: 'node_disk_read_bytes_total',
  diskWritten: 'node_disk_written_bytes_total',
};

export interface ClusterPointsOptions {
  readonly graph: Pick<GraphReader, 'get' | 'propertiesOf'>;
  /** Points that are held at most until they are handed out. */
  readonly most?: number;
}

const usualMost = 1_000_000;

export class ClusterPoints {
  readonly #graph: Pick<GraphReader, 'get' | 'propertiesOf'>;
  readonly #most: number;
  #points: Point[] = [];
  #dropped = 0;

  constructor({ graph, most = usualMost }: ClusterPointsOptions) {
    this.#graph = graph;
    this.#most = most;
  }

  /** Points that there was no room for. */
  get dropped(): number {
    return this.#dropped;
  }

  readonly take = ({ node, at, numbers, containers }: ToldNumbers): void => {
    const made = pointsOf(numbers, nodeFamilies, nodeNames, { node }, at);
    for (const { id, numbers: own } of containers) {
      const labels = labelsOf(id, node);
      made.push(...pointsOf(own, containerFamilies, containerNames, labels, at), ...this.#asked(id, labels, at));
    }
    const room = Math.max(0, this.#most - this.#points.length);
    this.#dropped += Math.max(0, made.length - room);
    for (const point of made.slice(0, room)) this.#points.push(point);
  };

  readonly drain = (): readonly Point[] => {
    const all = this.#points;
    this.#points = [];
    return all;
  };

  #asked(id: string, labels: Labels, at: number): Point[] {
    const vertex = this.#graph.get(id);
    if (vertex === undefined) return [];
    const { spec } = JSON.parse(this.#graph.propertiesOf(vertex)) as { readonly spec?: unknown };
    const asked = resourcesAsked(spec);
    const units = { cpu: 'core', memory: 'byte' } as const;
    return (['requests', 'limits'] as const).flatMap((list) =>
      (['cpu', 'memory'] as const).flatMap((resource) => {
        const value = asked[list][resource];
        if (value === undefined) return [];
        const name = `kube_pod_container_resource_${list}`;
        return [{ name, labels: { ...labels, resource, unit: units[resource] }, value, at, counter: false }];
      }),
    );
  }
}

type Families = { readonly [family: string]: { readonly metric: string; readonly counter: boolean } };
type Names = { readonly [family: string]: string };

function pointsOf(numbers: object, families: Families, names: Names, labels: Labels, at: number): Point[] {
  return Object.entries(families).flatMap(([family, { metric, counter }]) => {
    const value = (numbers as { readonly [family: string]: number | undefined })[family];
    return value === undefined ? [] : [{ name: names[family] ?? metric, labels, value, at, counter }];
  });
}

/** `namespace/pod/container` of a container of a Pod; one of none has its node alone. */
function labelsOf(id: string, node: string): Labels {
  const parts = parseId(id).path.split('/');
  const [namespace, pod, container] = parts;
  if (parts.length !== 3 || !namespace || !pod || !container) return { node, container: parts.at(-1) ?? '' };
  return { namespace, pod, container, node };
}
