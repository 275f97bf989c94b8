// Sets up publishing to NATS for a master.
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Registry } from 'prom-client';
import { monotonicClock, systemClocks } from '../../src/clock.ts';
import type { Logger } from '../../src/logger.ts';
import type { Config } from '../../src/settings/config.ts';
import { createdBy, type Graph } from '../build-graph.ts';
import type { RelationLimit } from '../graph/engine/relation-limit.ts';
import { InputLog } from '../graph/replication/input-log.ts';
import type { Kind } from '../kinds/kind.ts';
import type { LeaseName, LeaseRequests } from '../sources/kubernetes/lease-requests.ts';
import { addLeaseMetrics, addStreamMetrics } from '../telemetry/stream-metrics.ts';
import { LeaseElector, leaseTimes, nameOf } from './lease-elector.ts';
import { NatsLog } from './nats-log.ts';
import { Publisher } from './publisher.ts';

export interface PublishingOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly graph: Pick<Graph, 'engine' | 'mirror' | 'engineOptions'>;
  readonly limit: RelationLimit;
  /** By type. */
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly version: string;
  readonly epoch: string;
  readonly demo: boolean;
  readonly clusterUid: () => Promise<string | undefined>;
  readonly lease: (name: LeaseName) => LeaseRequests;
}

export interface Publishing {
  /** How publishing stands, in one line. */
  note(): string;
  /** Ends the log, then lets another master take the Lease. */
  close(): Promise<void>;
}

/** Call once the graph is complete. */
export async function startPublishing(options: PublishingOptions): Promise<Publishing> {
  const { config, logger, metrics, graph, limit, kinds, version, epoch, demo } = options;
  const { engine, mirror, engineOptions } = graph;
  if (!mirror) throw new Error('what is published is told by the mirror');
  const clusterUid = await options.clusterUid();
  const { virtualTypes, namespaces } = engineOptions;
  const told = {
    engine,
    mirror,
    clusterUid,
    demo,
    createdBy: createdBy(version),
    virtualTypes,
    namespaces,
    limit,
    kinds,
  };
  const elector = electorOf(options);
  const transport = new NatsLog(config, engine.clusterName, logger);
  const publisher = new Publisher({
    tell: (sink) => new InputLog(told, sink),
    transport,
    permit: elector,
    epoch,
    termName: () => randomBytes(6).toString('hex'),
    mostBuffered: config.streamBuffer,
    clock: monotonicClock,
    logger,
  });
  addStreamMetrics(metrics, publisher);
  if (elector) addLeaseMetrics(metrics, elector);
  elector?.start();
  publisher.start();
  return {
    note: () => noteOf(publisher, leaseOf(config), elector),
    async close() {
      await publisher.close();
      await elector?.close();
    },
  };
}

/** Undefined if no Lease chooses. */
function electorOf({ config, epoch, logger, lease: requestsOf }: PublishingOptions): LeaseElector | undefined {
  const { podName = hostname() } = config;
  const lease = leaseOf(config);
  if (lease === undefined) return undefined;
  return new LeaseElector({
    lease,
    requests: requestsOf(lease),
    identity: `${podName}_${epoch}`,
    clocks: systemClocks,
    logger,
    times: leaseTimes(config.streamLeaseDuration),
  });
}

/** The settings were checked: one of both names a namespace. */
function leaseOf({ streamLease, podNamespace = '' }: Config): LeaseName | undefined {
  return streamLease && { namespace: streamLease.namespace ?? podNamespace, name: streamLease.name };
}

const words = {
  starting: 'publishing begins',
  publishing: 'this master publishes',
  'standing-by': 'another master publishes',
  waiting: 'NATS does not take what is to be published',
  closed: 'publishing has ended',
} as const;

function noteOf({ state }: Publisher, lease: LeaseName | undefined, elector: LeaseElector | undefined): string {
  if (lease === undefined || elector === undefined) return words[state];
  const { held, holder, problem } = elector.standing;
  if (held) return `${words[state]}; it holds the Lease ${nameOf(lease)}`;
  const why =
    problem === undefined ? `is held by ${holder ?? 'nobody yet'}` : `can be neither taken nor renewed: ${problem}`;
  return `this master does not publish: the Lease ${nameOf(lease)} ${why}`;
}
