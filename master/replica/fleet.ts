// The application over several clusters in one graph, and what keeps that graph in step with its members.
import { Registry } from 'prom-client';
import { monotonicClock, timestampOf } from '../../src/clock.ts';
import { fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import type { Logger } from '../../src/logger.ts';
import type { SourceState } from '../../src/model.ts';
import { repeat } from '../../src/repeat.ts';
import type { Config } from '../../src/settings/config.ts';
import { admissionOf } from '../../src/settings/config-checks.ts';
import type { Strangers } from '../../src/strangers.ts';
import { isOpen } from '../access/gate.ts';
import { protect } from '../access/protect.ts';
import { createApp } from '../app.ts';
import { createdBy } from '../build-graph.ts';
import type { Compression } from '../compression/compress.ts';
import type { ReplicaStanding } from '../graph/replication/replica.ts';
import type { Retention } from '../graph/revisions/retention.ts';
import type { RouteContext } from '../routes/route.ts';
import { addGraphMetrics } from '../telemetry/metrics.ts';
import { FleetGraph } from './fleet-graph.ts';
import { lagHeaders } from './lag-headers.ts';
import type { Member } from './member.ts';
import type { ReaderLimits } from './reader-limits.ts';
import type { ReplicaGraph } from './replica-graph.ts';
import { runSteps } from './run-steps.ts';

export interface FleetOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly processMetrics: Registry;
  readonly compression: Compression;
  readonly retention: Retention;
  /** Distinguishes this process: the revisions of several clusters together are its own. */
  readonly epoch: string;
  readonly context: Pick<RouteContext, 'build' | 'page' | 'live' | 'ready' | 'clusters'>;
  readonly members: () => Iterable<Member>;
  readonly leaving: () => boolean;
  readonly strangers: Strangers;
  readonly limits: ReaderLimits;
}

/** Milliseconds between two looks how the members stand. */
const period = 1_000;

export class Fleet {
  readonly graph: FleetGraph;
  readonly app: Promise<Server>;
  readonly #options: FleetOptions;
  readonly #stop: () => void;
  #closeAccess: () => Promise<void> = async () => {};
  #joining: Promise<void> = Promise.resolve();
  #whole = false;
  #closed = false;

  constructor(options: FleetOptions) {
    const { context, retention, logger, limits } = options;
    this.#options = options;
    this.graph = new FleetGraph({ createdBy: createdBy(context.build.version), retention, limits });
    this.app = this.#open();
    this.#stop = repeat(period, () => this.graph.tellClusters(this.#states()), logger);
  }

  /** Resolves when what is served of a cluster is a part of the graph. */
  join(cluster: string, graph: ReplicaGraph): Promise<void> {
    this.#joining = this.#joining.then(async () => {
      if (this.#closed) return;
      await runSteps(this.graph.join(cluster, graph));
      this.graph.tellClusters(this.#states());
      this.#whole = true;
    });
    return this.#joining;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stop();
    this.graph.close();
    await this.#joining.catch(() => undefined);
    await (await this.app).close();
    await this.#closeAccess();
  }

  async #open(): Promise<Server> {
    const { config, logger, processMetrics, compression, context, epoch, leaving } = this.#options;
    const { engine, engineOptions, names } = this.graph;
    const metrics = Registry.merge([processMetrics]);
    const problems = () => ({
      refused: 0,
      ruleFailures: 0,
      rules: 0,
      badRules: 0,
      unreadRules: 0,
      foreignContainers: 0,
    });
    addGraphMetrics(metrics, { graph: engine, build: context.build, compression: compression.stats, problems });
    const shared = {
      ...context,
      graph: engine,
      typesNamed: names.meant,
      origins: config.cors,
      notReady: () => (this.#whole ? undefined : 'no master has told a whole graph yet'),
      metrics,
      epoch,
    };
    // Whose rights would be asked about, where each cluster has its own? They are asked with `cluster=`.
    const perCluster = config.auth === 'kubernetes';
    const protection = perCluster
      ? undefined
      : await protect({
          config,
          client: { review: () => Promise.reject(fault('forbidden', { reason: noReviews })) },
          main: engine,
          mirror: undefined,
          engineOptions,
          epoch,
          kinds: () => [],
          synced: () => true,
          metrics,
          clock: monotonicClock,
          logger,
          strangers: this.#options.strangers,
          admitted: (_request, reply) => void reply.headers(lagHeaders([...this.#options.members()])),
          open: () => Promise.reject(fault('forbidden', { reason: noReviews })),
        });
    if (protection) this.#closeAccess = () => protection.close();
    const server = { logger, admission: { ...admissionOf(config), origins: config.cors }, leaving };
    const access = protection?.access;
    const app = createApp({ ...shared, compression, measured: true, server, access });
    if (perCluster)
      app.addHook('onRequest', async (request) => {
        if (!isOpen(request)) throw fault('forbidden', { reason: noReviews });
      });
    await app.ready();
    return app;
  }

  #states(): Map<string, SourceState> {
    const states = new Map<string, SourceState>();
    for (const { cluster, replica, graph } of this.#options.members())
      states.set(cluster, stateOf(replica.standing(), graph?.engine.timestamp ?? timestampOf(Date.now())));
    return states;
  }
}

const noReviews = 'rights are those of one cluster: say cluster=NAME';

function stateOf({ state, staleSince, reason }: ReplicaStanding, since: string): SourceState {
  if (state === 'empty') return { state: 'syncing', since, reason: 'its master has told nothing whole yet' };
  if (state === 'following') return { state: 'synced', since };
  return { state: 'stale', since: staleSince ?? since, ...(reason === undefined ? {} : { reason }) };
}
