// One served cluster: the replica that follows its master, and the application over the latest complete graph. When the graph of
// a new epoch is complete, a new application replaces the old one, whose streams end with `resync`: their readers connect again.
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { monotonicClock } from '../../src/clock.ts';
import { fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import type { Logger } from '../../src/logger.ts';
import type { Config } from '../../src/settings/config.ts';
import { admissionOf } from '../../src/settings/config-checks.ts';
import type { Strangers } from '../../src/strangers.ts';
import type { Reviewer } from '../access/auth/token-review.ts';
import { type Protection, protect } from '../access/protect.ts';
import { createApp } from '../app.ts';
import type { Compression } from '../compression/compress.ts';
import { FindingBook } from '../findings/book.ts';
import type { FindingsReader } from '../findings/contract.ts';
import { FindingsDesk } from '../findings/desk.ts';
import { findingRules } from '../findings/index.ts';
import { ToldFindingsPlace } from '../findings/told-place.ts';
import type { Origin } from '../graph/replication/origin.ts';
import { Replica, type Served } from '../graph/replication/replica.ts';
import type { Retention } from '../graph/revisions/retention.ts';
import { OpenedHistory, placeOfHistory } from '../history/open.ts';
import type { Rule } from '../relations/relation.ts';
import type { RouteContext, Successor } from '../routes/route.ts';
import { addGraphMetrics } from '../telemetry/metrics.ts';
import { metricsOfClusters } from '../telemetry/metrics-of-clusters.ts';
import { turns } from '../turns.ts';
import type { AccessibleMember } from './fleet-callers.ts';
import { lagHeaders } from './lag-headers.ts';
import type { ReaderLimits } from './reader-limits.ts';
import { ReplicaGraph } from './replica-graph.ts';
import { runSteps } from './run-steps.ts';

export interface MemberOptions {
  readonly cluster: string;
  /** Whether several clusters are served: each then keeps its history in its own folder. */
  readonly amongOthers: boolean;
  readonly config: Config;
  readonly logger: Logger;
  /** Process metrics, which each application exposes beside its own. */
  readonly processMetrics: Registry;
  readonly compression: Compression;
  readonly retention: Retention;
  /** Reviews callers; undefined if the cluster's API server is unknown. */
  readonly reviewer: Reviewer | undefined;
  readonly context: Pick<RouteContext, 'build' | 'page' | 'live' | 'ready' | 'clusters' | 'series'>;
  /** Findings from the master, if it sends them; otherwise computed here. */
  readonly findings?: FindingsReader | undefined;
  readonly leaving: () => boolean;
  readonly strangers: Strangers;
  readonly limits: ReaderLimits;
  /** Called when the served graph is replaced. */
  readonly onServed?: (graph: ReplicaGraph) => void;
}

/** An application with its graph, while that graph is served. */
interface Generation extends Omit<AccessibleMember, 'cluster'> {
  readonly app: Server;
  readonly graph: ReplicaGraph;
  begin(): void;
  /** `next` takes its place; undefined if the process ends. */
  close(next?: Successor): Promise<void>;
}

export class Member {
  readonly cluster: string;
  readonly replica: Replica<ReplicaGraph>;
  readonly #options: MemberOptions;
  #generation: Generation | undefined;
  /** The graph under construction, or the last one completed. */
  #coming: ReplicaGraph | undefined;
  #swapped: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: MemberOptions) {
    const { cluster, logger, limits } = options;
    this.#options = options;
    this.cluster = cluster;
    this.replica = new Replica({
      open: (origin, rules) => this.#openGraph(origin, rules),
      mostBytes: limits.room.chars,
      run: runSteps,
      clock: monotonicClock,
      now: Date.now,
      logger: logger.child({ cluster }),
      onServed: (served) => this.#serve(served),
    });
  }

  /** Undefined before a graph is complete. */
  get app(): Server | undefined {
    return this.#generation?.app;
  }

  /** The graph that is served now. The replica may already have a newer one. */
  get graph(): ReplicaGraph | undefined {
    return this.#generation?.graph;
  }

  /** Call when the limits of this process may have changed. */
  applyLimits(): Promise<void> {
    return this.replica.between(() => this.replica.served?.target.applyLimits());
  }

  /** Asks for everything again if this graph left something out, since there may be room now. */
  tellAgain(reason: string): void {
    if (this.replica.served?.target.ownEpoch !== undefined) this.replica.lose(reason);
  }

  #openGraph(origin: Origin, rules: readonly Rule[]): ReplicaGraph {
    const { cluster, retention, limits } = this.#options;
    // The previous graph was never completed.
    if (this.#coming !== this.replica.served?.target) this.#coming?.release();
    this.#coming = new ReplicaGraph({ cluster, origin, rules, retention, limits });
    return this.#coming;
  }

  /** This cluster's part in a graph of several clusters; undefined before a graph is complete. */
  get accessible(): AccessibleMember | undefined {
    const { cluster } = this;
    return this.#generation && { ...this.#generation, cluster };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#coming?.release();
    this.graph?.release();
    await this.#swapped;
    await this.#generation?.close();
  }

  #serve(served: Served<ReplicaGraph>): void {
    this.#swapped = this.#swapped
      .then(() => this.#swap(served))
      .catch((err: unknown) => {
        this.#options.logger.error({ err, cluster: this.cluster }, 'a graph that is whole could not be served');
      });
  }

  async #swap(served: Served<ReplicaGraph>): Promise<void> {
    if (this.#closed) return;
    const { logger, onServed } = this.#options;
    const before = this.#generation;
    const next = await openGeneration(this.#options, this.replica, served);
    this.#generation = next;
    const { engine } = served.target;
    logger.info(
      `serving ${this.cluster}: ${engine.order.size} resources, ${engine.relations} relations, revision ${engine.revision}`,
    );
    onServed?.(served.target);
    if (before && before.graph !== next.graph) before.graph.release();
    const { revision, timestamp } = engine;
    await before?.close({ epoch: served.epoch, revision, timestamp });
    next.begin();
  }
}

async function openGeneration(
  options: MemberOptions,
  replica: Replica<ReplicaGraph>,
  { target, epoch, origin }: Served<ReplicaGraph>,
) {
  const { config, logger, compression, context, cluster, amongOthers, reviewer, leaving } = options;
  const { engine, mirror, engineOptions, names, kinds } = target;
  const metrics = metricsFor(options);
  addGraphMetrics(metrics, {
    graph: engine,
    build: context.build,
    compression: compression.stats,
    problems: () => noProblems,
  });
  // A history folder belongs to one cluster.
  const historyConfig =
    amongOthers && config.historyDir !== undefined
      ? { ...config, historyDir: join(config.historyDir, folderOf(cluster)) }
      : config;
  const clusterUid = async () => origin.clusterUid;
  const succession: Succession = { next: undefined };
  const place = await placeOfHistory({ config: historyConfig, clusterName: origin.clusterName, logger, clusterUid });
  const history = place && new OpenedHistory({ place, config: historyConfig, epoch, logger, metrics });
  const shared = {
    ...context,
    graph: engine,
    typesNamed: names.meant,
    demo: origin.demo === true,
    origins: config.cors,
    metrics,
    epoch,
    copied: true,
    successor: () => succession.next,
    history: history?.whole(),
  };
  const findingBook = new FindingBook(findingRules, context.series);
  const protection = await protect({
    config,
    client: reviewer ?? unknownTo(cluster),
    main: engine,
    mirror,
    engineOptions,
    epoch,
    kinds: () => kinds.values(),
    synced: () => true,
    metrics,
    clock: monotonicClock,
    logger,
    strangers: options.strangers,
    admitted: (_request, reply) => void reply.headers(lagHeaders([{ replica }])),
    async open(part, partEpoch, rights) {
      // The number of revisions would reveal activity in hidden parts.
      const { clusters: _, ...rest } = shared;
      const ofPart = { graph: part, partial: true, copied: false, epoch: partEpoch, history: history?.visible(rights) };
      const app = createApp({
        ...rest,
        ...ofPart,
        findingBook,
        compression,
        server: { logger: logger.child({}, { level: 'warn' }) },
      });
      await app.ready();
      return app;
    },
  });
  const server = { logger, admission: { ...admissionOf(config), origins: config.cors }, leaving };
  const findings = options.findings && findingsTold(options.findings, target, findingBook, logger);
  const own = { compression, measured: true, server, access: protection.access, findings, findingBook };
  const app = createApp({ ...shared, ...own });
  app.addHook('onClose', async () => findings?.close());
  await app.ready();
  return generationOf({ app, graph: target, protection, history, logger, succession });
}

/** A right in one cluster must not reveal the names of others. */
function metricsFor({ config, processMetrics, cluster }: MemberOptions): Registry {
  if (config.auth !== 'kubernetes') return Registry.merge([processMetrics]);
  return metricsOfClusters(processMetrics, (named) => named === cluster);
}

/** Findings that the master sent. Until they arrive, and for the past, those computed here. */
function findingsTold(
  told: FindingsReader,
  { engine }: ReplicaGraph,
  book: FindingBook,
  logger: Logger,
): ToldFindingsPlace {
  const onError = (error: unknown) => logger.error({ err: error }, 'findings could not be kept');
  const desk = new FindingsDesk({
    graph: engine,
    book,
    clock: Date.now,
    run: turns.run,
    onError,
  });
  return new ToldFindingsPlace(told, desk);
}

/** What takes the place of a generation, once it is known. */
interface Succession {
  next: Successor | undefined;
}

interface GenerationParts extends Pick<Generation, 'app' | 'graph'> {
  readonly protection: Protection;
  readonly history: OpenedHistory | undefined;
  readonly logger: Logger;
  readonly succession: Succession;
}

function generationOf({ app, graph, protection, history, logger, succession }: GenerationParts): Generation {
  return {
    app,
    graph,
    access: protection.access,
    history: history?.whole(),
    historyFor: (rights) => history?.visible(rights),
    begin() {
      history?.start(graph).catch((err: unknown) => logger.error({ err }, 'no history is kept'));
    },
    async close(next) {
      succession.next = next;
      await Promise.all([app.close(), protection.close()]);
      await history?.close();
    },
  };
}

/** The cluster's name as a folder name. */
function folderOf(cluster: string): string {
  return encodeURIComponent(cluster).replace(/^\.+/, (dots) => '%2E'.repeat(dots.length));
}

const noProblems = { refused: 0, ruleFailures: 0, rules: 0, badRules: 0, unreadRules: 0, foreignContainers: 0 };

/** Admits no caller, because there is no API server to ask. */
function unknownTo(cluster: string): Reviewer {
  return {
    review: () =>
      Promise.reject(
        fault('forbidden', {
          reason: `no API server of the cluster ${cluster} is configured here that could be asked`,
        }),
      ),
  };
}
