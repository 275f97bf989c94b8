// Publishes agents' data to NATS JetStream if configured: replicas serve from there, and the log outlives the gateway.
// Loaded only then. Each complete graph starts its own publisher; the previous one announces its end.
import { randomBytes } from 'node:crypto';
import { monotonicClock } from '../../src/clock.ts';
import type { Logger } from '../../src/logger.ts';
import type { Config } from '../../src/settings/config.ts';
import { InputLog } from '../graph/replication/input-log.ts';
import type { Served } from '../graph/replication/replica.ts';
import type { ReplicaGraph } from '../replica/replica-graph.ts';
import { NatsLog } from '../stream/nats-log.ts';
import { Publisher } from '../stream/publisher.ts';

export class Republisher {
  readonly #cluster: string;
  readonly #config: Config;
  readonly #logger: Logger;
  #followed: Served<ReplicaGraph> | undefined;
  #publisher: Publisher | undefined;
  #changing: Promise<void> = Promise.resolve();

  /** `cluster`: the enrolled name, since two agents may use the same name themselves. */
  constructor(cluster: string, config: Config, logger: Logger) {
    this.#cluster = cluster;
    this.#config = config;
    this.#logger = logger.child({ cluster });
  }

  /** Call with the served graph after each message; does nothing if unchanged. */
  follow(served: Served<ReplicaGraph> | undefined): void {
    if (served === undefined || served === this.#followed) return;
    this.#followed = served;
    this.#changing = this.#changing
      .then(() => this.#change(served))
      .catch((err: unknown) => this.#logger.error({ err }, 'nothing is published'));
  }

  async close(): Promise<void> {
    await this.#changing;
    await this.#publisher?.close();
  }

  async #change({ target, origin, epoch }: Served<ReplicaGraph>): Promise<void> {
    await this.#publisher?.close();
    const { engine, mirror, engineOptions, limit, kinds } = target;
    const { createdBy, virtualTypes, namespaces } = engineOptions;
    const { clusterUid, demo } = origin;
    const told = { engine, mirror, createdBy, virtualTypes, namespaces, limit, kinds, clusterUid, demo };
    const publisher = new Publisher({
      tell: (sink) => new InputLog(told, sink),
      transport: new NatsLog(this.#config, this.#cluster, this.#logger),
      epoch,
      termName: () => randomBytes(6).toString('hex'),
      mostBuffered: this.#config.streamBuffer,
      clock: monotonicClock,
      logger: this.#logger,
    });
    this.#publisher = publisher;
    publisher.start();
  }
}
