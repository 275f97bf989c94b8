// The contract of a probe: what it needs of the node, and what it tells at each round. Types only.
import type { Clock } from '../../src/clock.ts';
import type { Logger } from '../../src/logger.ts';
import type { ContainerFacts, NodeFacts, ObservedConnection } from '../../src/telemetry-api.ts';
import type { CgroupDirectories } from './cgroups/hierarchy.ts';
import type { MetricName } from './metrics.ts';

export interface Probe {
  /** Lower case; what the setting calls it. */
  readonly name: string;
  /** All of them must be met, or it does not start. */
  readonly needs: readonly Need[];
  /** Reads nothing that takes long. @throws Error that says what is in the way. */
  start(node: ProbedNode): RunningProbe;
}

export interface Need {
  /** For a person who has to give it: `the node's process ids (hostPID)`. */
  readonly what: string;
  isMet(node: ProbedNode): boolean;
}

export interface RunningProbe {
  /** Tells what is measured now. What it throws costs this probe this round. */
  samples?(round: Round, out: Samples): void | Promise<void>;
  /** Tells what is so, and stays so mostly. */
  facts?(round: Round, out: Facts): void | Promise<void>;
  close?(): void;
}

export interface ProbedNode {
  /** Where the node's root file system is: `/`, or where its parts are mounted. Without a slash at its end. */
  readonly root: string;
  /** Where its proc file system is. */
  readonly proc: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch: typeof fetch;
}

/** A container of the runtime, or a service of the node that has a cgroup of its own. */
export interface ProbedContainer {
  /** The runtime's id, or the path of the service. */
  readonly id: string;
  /** `/k8s/namespace/pod/container`, `/docker/name`, `/system.slice/name.service`: the label `container_id`. */
  readonly name: string;
  readonly isService: boolean;
  /** Absent where it has no cgroup, or none was found. */
  readonly cgroup?: CgroupDirectories | undefined;
  /** Where the runtime writes what it prints. */
  readonly logPath?: string | undefined;
  readonly labels?: { readonly [name: string]: string } | undefined;
}

export interface Round {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly containers: readonly ProbedContainer[];
  /** As the node numbers them; found once a round, when first asked for. */
  pidsOf(container: ProbedContainer): readonly number[];
}

export interface Labels {
  readonly [name: string]: string;
}

export interface Samples {
  node(metric: MetricName, value: number, labels?: Labels): void;
  container(container: ProbedContainer, metric: MetricName, value: number, labels?: Labels): void;
  /** Something was left out because a bound was met: what, and how many. */
  drop(what: string, count?: number): void;
}

export interface Facts {
  node(facts: NodeFacts): void;
  container(container: ProbedContainer, facts: ContainerFacts): void;
  connection(container: ProbedContainer, connection: Omit<ObservedConnection, 'container'>): void;
  drop(what: string, count?: number): void;
}
