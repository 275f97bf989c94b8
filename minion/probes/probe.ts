// The contract of a probe: its requirements and its reports. Types only.
import type { Clock } from '../../src/clock.ts';
import type { Logger } from '../../src/logger.ts';
import type { ContainerFacts, NodeFacts, ObservedConnection } from '../../src/telemetry-api.ts';
import type { CgroupDirectories } from './cgroups/hierarchy.ts';
import type { MetricName } from './metrics.ts';

export interface Probe {
  /** Lower case; its name in the setting. */
  readonly name: string;
  /** All must be met, otherwise it does not start. */
  readonly needs: readonly Need[];
  /** Must not take long. @throws Error with the obstacle. */
  start(node: ProbedNode): RunningProbe;
}

export interface Need {
  /** For an administrator: `the node's process ids (hostPID)`. */
  readonly what: string;
  isMet(node: ProbedNode): boolean;
}

export interface RunningProbe {
  /** Reports current measurements. If it throws, only this probe misses this round. */
  samples?(round: Round, out: Samples): void | Promise<void>;
  /** Reports facts that rarely change. */
  facts?(round: Round, out: Facts): void | Promise<void>;
  close?(): void;
}

export interface ProbedNode {
  /** The node's root file system: `/`, or its mount point. Without a trailing slash. */
  readonly root: string;
  /** Its proc file system. */
  readonly proc: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch: typeof fetch;
}

/** A container of the runtime, or a service of the node with its own cgroup. */
export interface ProbedContainer {
  /** The runtime's id, or the service's path. */
  readonly id: string;
  /** `/k8s/namespace/pod/container`, `/docker/name`, `/system.slice/name.service`: the label `container_id`. */
  readonly name: string;
  readonly isService: boolean;
  /** Undefined if it has no cgroup or none was found. */
  readonly cgroup?: CgroupDirectories | undefined;
  /** The file with its output. */
  readonly logPath?: string | undefined;
  readonly labels?: { readonly [name: string]: string } | undefined;
}

export interface Round {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly containers: readonly ProbedContainer[];
  /** In the node's numbering; determined once per round on first use. */
  pidsOf(container: ProbedContainer): readonly number[];
}

export interface Labels {
  readonly [name: string]: string;
}

export interface Samples {
  node(metric: MetricName, value: number, labels?: Labels): void;
  container(container: ProbedContainer, metric: MetricName, value: number, labels?: Labels): void;
  /** Reports something left out because of a limit, and how many. */
  drop(what: string, count?: number): void;
}

export interface Facts {
  node(facts: NodeFacts): void;
  container(container: ProbedContainer, facts: ContainerFacts): void;
  connection(container: ProbedContainer, connection: Omit<ObservedConnection, 'container'>): void;
  drop(what: string, count?: number): void;
}
