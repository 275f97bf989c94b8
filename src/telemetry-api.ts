// `GET /telemetry`, what the probes of a node tell: what a minion sends and the master reads. Served only where a probe runs.

export const telemetryPath = '/telemetry';

/**
 * The most that an answer holds. A minion cuts what is over and says so in `partly`; the master enforces the same bounds
 * on whatever it is sent.
 */
export const telemetryLimits = {
  containers: 4096,
  connections: 8192,
  /** Addresses that one container listens on. */
  listens: 64,
  /** Bytes of the whole answer. */
  bytes: 4_194_304,
  /** Characters of one text. */
  text: 512,
} as const;

/**
 * The numbers that are kept of a container, by family. A counter is sent as it stands and kept as its rate; every other one
 * is kept as it is.
 */
export const containerFamilies = {
  cpu: { metric: 'container_resources_cpu_usage_seconds_total', counter: true, unit: 'cores' },
  cpuThrottled: { metric: 'container_resources_cpu_throttled_seconds_total', counter: true, unit: 'seconds/second' },
  cpuDelay: { metric: 'container_resources_cpu_delay_seconds_total', counter: true, unit: 'seconds/second' },
  memory: { metric: 'container_resources_memory_rss_bytes', counter: false, unit: 'bytes' },
  memoryCache: { metric: 'container_resources_memory_cache_bytes', counter: false, unit: 'bytes' },
  networkReceived: { metric: 'container_net_received_bytes_total', counter: true, unit: 'bytes/second' },
  networkSent: { metric: 'container_net_transmitted_bytes_total', counter: true, unit: 'bytes/second' },
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
  networkReceived: { metric: 'node_net_received_bytes_total', counter: true, unit: 'bytes/second' },
  networkSent: { metric: 'node_net_transmitted_bytes_total', counter: true, unit: 'bytes/second' },
  diskRead: { metric: 'node_resources_disk_read_bytes_total', counter: true, unit: 'bytes/second' },
  diskWritten: { metric: 'node_resources_disk_written_bytes_total', counter: true, unit: 'bytes/second' },
} as const satisfies FamilyTable;

export interface Family {
  /** The metric it is the sum of, over all its labels. */
  readonly metric: string;
  readonly counter: boolean;
  /** Of what is kept. */
  readonly unit: string;
  /** Label values that are not counted in. */
  readonly without?: { readonly [label: string]: readonly string[] };
}

interface FamilyTable {
  readonly [name: string]: Family;
}

export type ContainerFamily = keyof typeof containerFamilies;
export type NodeFamily = keyof typeof nodeFamilies;
export type Numbers<F extends string = string> = { readonly [family in F]?: number };

/** What is so of a node. What is not known is absent. */
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
  /** What was killed in it for memory, since the minion started. */
  readonly oomKills?: number;
  /** What its main process seems to be, such as `postgres`. */
  readonly application?: string;
}

/** Connections that a container opened to one destination. */
export interface ObservedConnection {
  /** The runtime's id. */
  readonly container: string;
  /** `address:port` that was dialled. */
  readonly destination: string;
  /** `address:port` where it went, once that is known; the same where nothing translated it. */
  readonly actual?: string;
  /** Milliseconds since the epoch: the first and the last time that it was open, or tried. */
  readonly first: number;
  readonly last: number;
  /** How many are open now. */
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
  /** The node's name, where the minion was told it. */
  readonly node?: string;
  /** When the numbers were read, in milliseconds since the epoch. */
  readonly at: number;
  /** Which probes run; of those that do not, why. */
  readonly probes: { readonly [name: string]: string };
  readonly numbers: Numbers<NodeFamily>;
  readonly facts: NodeFacts;
  readonly containers: readonly ContainerTelemetry[];
  readonly connections: readonly ObservedConnection[];
  /** What was left out, and how often: `tcp: destinations (12)`. */
  readonly partly?: string;
}
