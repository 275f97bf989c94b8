// `GET /telemetry`: the data of a node's probes, from minion to master. Served only if a probe runs.

export const telemetryPath = '/telemetry';

/**
 * Maximum content of an answer. A minion cuts the excess and reports it in `partly`; the master enforces the same limits.
 */
export const telemetryLimits = {
  containers: 4096,
  connections: 8192,
  /** Addresses on which one container listens. */
  listens: 64,
  /** Bytes of the whole answer. */
  bytes: 4_194_304,
  /** Characters of one text. */
  text: 512,
} as const;

/**
 * The numbers stored for a container, by family. Counters are sent as they are and stored as rates; others are stored as
 * they are.
 */
export const containerFamilies = {
  cpu: { metric: 'container_resources_cpu_usage_seconds_total', counter: true, unit: 'cores' },
  cpuThrottled: { metric: 'container_resources_cpu_throttled_seconds_total', counter: true, unit: 'seconds/second' },
  cpuDelay: { metric: 'container_resources_cpu_delay_seconds_total', counter: true, unit: 'seconds/second' },
  memory: { metric: 'container_resources_memory_rss_bytes', counter: false, unit: 'bytes' },
  memoryCache: { metric: 'container_resources_memory_cache_bytes', counter: false, unit: 'bytes' },
  /** Of kubelets and metrics-server alone: resident, and cached files that are in use. */
  memoryWorkingSet: { metric: 'container_memory_working_set_bytes', counter: false, unit: 'bytes' },
  networkReceived: {
    metric: 'container_net_received_bytes_total',
    counter: true,
    unit: 'bytes/second',
    ofPod: true,
  },
  networkSent: { metric: 'container_net_transmitted_bytes_total', counter: true, unit: 'bytes/second', ofPod: true },
  diskRead: { metric: 'container_resources_disk_read_bytes_total', counter: true, unit: 'bytes/second' },
  diskWritten: { metric: 'container_resources_disk_written_bytes_total', counter: true, unit: 'bytes/second' },
} as const satisfies FamilyTable;

export const nodeFamilies = {
  cpu: {
    metric: 'node_resources_cpu_usage_seconds_total',
    counter: true,
    unit: 'cores',
    without: { mode: ['idle', 'iowait'] },
  },
  memoryAvailable: { metric: 'node_resources_memory_available_bytes', counter: false, unit: 'bytes' },
  memoryWorkingSet: { metric: 'node_memory_working_set_bytes', counter: false, unit: 'bytes' },
  networkReceived: { metric: 'node_net_received_bytes_total', counter: true, unit: 'bytes/second' },
  networkSent: { metric: 'node_net_transmitted_bytes_total', counter: true, unit: 'bytes/second' },
  diskRead: { metric: 'node_resources_disk_read_bytes_total', counter: true, unit: 'bytes/second' },
  diskWritten: { metric: 'node_resources_disk_written_bytes_total', counter: true, unit: 'bytes/second' },
} as const satisfies FamilyTable;

export interface Family {
  /** The metric that is summed over all its labels. */
  readonly metric: string;
  readonly counter: boolean;
  /** Unit of the stored number. */
  readonly unit: string;
  /** Label values left out of the sum. */
  readonly without?: { readonly [label: string]: readonly string[] };
  /** Containers of a Pod share it: each reports all of it, and a sum takes it once. */
  readonly ofPod?: boolean;
}

interface FamilyTable {
  readonly [name: string]: Family;
}

export type ContainerFamily = keyof typeof containerFamilies;
export type NodeFamily = keyof typeof nodeFamilies;
export type Numbers<F extends string = string> = { readonly [family in F]?: number };

/** Facts about a node. Unknown ones are undefined. */
export interface NodeFacts {
  readonly kernel?: string;
  readonly hostname?: string;
  readonly cloud?: CloudFacts;
}

export interface CloudFacts {
  readonly provider: string;
  readonly accountId?: string;
  readonly instanceId?: string;
  readonly instanceType?: string;
  readonly lifeCycle?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly zoneId?: string;
  readonly localAddress?: string;
  readonly publicAddress?: string;
}

export interface ContainerFacts {
  /** `address:port`, sorted. */
  readonly listensOn?: readonly string[];
  /** Number of processes killed for lack of memory since the minion started. */
  readonly oomKills?: number;
  /** Guessed application of its main process, such as `postgres`. */
  readonly application?: string;
}

/** Connections from a container to one destination. */
export interface ObservedConnection {
  /** The runtime's id. */
  readonly container: string;
  /** The dialled `address:port`. */
  readonly destination: string;
  /** The real target `address:port`, once known; equal if nothing translated it. */
  readonly actual?: string;
  /** Milliseconds since the epoch: the first and last time that it was open or attempted. */
  readonly first: number;
  readonly last: number;
  /** Number of open connections. */
  readonly open: number;
  /** The last attempt failed. */
  readonly failed: boolean;
}

export interface ContainerTelemetry extends ContainerFacts {
  /** The runtime's id. */
  readonly id: string;
  readonly numbers: Numbers<ContainerFamily>;
}

export interface NodeTelemetry {
  /** Name of the node, if known to the minion. */
  readonly node?: string;
  /** Time of reading, in milliseconds since the epoch. */
  readonly at: number;
  /** Running probes; for others, why they do not run. */
  readonly probes: { readonly [name: string]: string };
  readonly numbers: Numbers<NodeFamily>;
  readonly facts: NodeFacts;
  readonly containers: readonly ContainerTelemetry[];
  readonly connections: readonly ObservedConnection[];
  /** What was left out, and how often: `tcp: destinations (12)`. */
  readonly partly?: string;
}
