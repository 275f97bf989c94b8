// Sets up publishing to NATS for a master.
import { randomBytes } from 'node:crypto';
import type { Registry } from 'prom-client';
import { monotonicClock } from '../../src/clock.ts';
import type { Logger } from '../../src/logger.ts';
import type { Config } from '../../src/settings/config.ts';
import { createdBy, type Graph } from '../build-graph.ts';
import type { RelationLimit } from '../graph/engine/relation-limit.ts';
import { InputLog } from '../graph/replication/input-log.ts';
import type { Kind } from '../kinds/kind.ts';
import { sampledMetrics } from '../telemetry/sampled-metrics.ts';
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
}

/** Call once the graph is complete. */
export async function startPublishing(options: PublishingOptions): Promise<Publisher> {
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
  const transport = new NatsLog(config, engine.clusterName, logger);
  const publisher = new Publisher({
    tell: (sink) => new InputLog(told, sink),
    transport,
    epoch,
    termName: () => randomBytes(6).toString('hex'),
    mostBuffered: config.streamBuffer,
    clock: monotonicClock,
    logger,
  });
  addPublisherMetrics(metrics, publisher);
  publisher.start();
  return publisher;
}

const states = ['starting', 'publishing', 'standing-by', 'waiting', 'closed'] as const;

function addPublisherMetrics(metrics: Registry, publisher: Publisher): void {
  const { gauge, counter } = sampledMetrics(metrics);
  gauge('stream_state', 'How publishing stands; 1 for the state it is in', ['state'], () =>
    states.map((state) => [publisher.state === state ? 1 : 0, { state }]),
  );
  gauge('stream_buffered_bytes', 'What is to be published and was not taken yet', [], () => [
    [publisher.counts().buffered],
  ]);
  counter('stream_messages_total', 'Messages that were published', [], () => [[publisher.counts().messages]]);
  counter('stream_bytes_total', 'Bytes of messages that were published', [], () => [[publisher.counts().bytes]]);
  counter('stream_terms_total', 'Times that all was told, from the graph as it was', [], () => [
    [publisher.counts().terms],
  ]);
  counter('stream_fenced_total', 'Times that another master of the cluster published in place of this one', [], () => [
    [publisher.counts().fenced],
  ]);
  counter('stream_failures_total', 'Times that a message was not taken, and was sent again', [], () => [
    [publisher.counts().failures],
  ]);
}
