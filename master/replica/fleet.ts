// Serves several clusters in one graph, and keeps that graph up to date with its members: at once while someone
// reads, otherwise before the next answer.
import type { FastifyReply } from 'fastify';
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
import { type Protection, protect } from '../access/protect.ts';
import { createApp } from '../app.ts';
import { createdBy } from '../build-graph.ts';
import type { Compression } from '../compression/compress.ts';
import type { ReplicaStanding } from '../graph/replication/replica.ts';
import type { Retention } from '../graph/revisions/retention.ts';
import type { History } from '../history/history.ts';
import type { RouteContext } from '../routes/route.ts';
import { addGraphMetrics } from '../telemetry/metrics.ts';
import { metricsOfClusters } from '../telemetry/metrics-of-clusters.ts';
import { turns } from '../turns.ts';
import type { MemberPast } from './ask-members.ts';
import { type AccessibleMember, FleetCallers, type FleetPart } from './fleet-callers.ts';
import { FleetGraph, type FleetGraphOptions } from './fleet-graph.ts';
import { FleetHistory } from './fleet-history.ts';
import { clusterAddresses } from './fleet-ids.ts';
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
  /** Distinguishes this process: the revisions of the joined graph are its own. */
  readonly epoch: string;
  readonly context: Pick<RouteContext, 'build' | 'page' | 'live' | 'ready' | 'clusters'>;
  readonly members: () => Iterable<Member>;
  readonly leaving: () => boolean;
  readonly strangers: Strangers;
  readonly limits: ReaderLimits;
}

/** Milliseconds between two checks of the members' states. */
const period = 1_000;
/** Maximum changed resources not yet taken over: the next reader waits for them, some tenths of a second. */
const mostBehind = 2_000;

export class Fleet {
  readonly graph: FleetGraph;
  readonly app: Promise<Server>;
  readonly #options: FleetOptions;
  readonly #like: FleetGraphOptions;
  readonly #stop: () => void;
  /** Set if each cluster has its own rights and callers may be known in several. */
  readonly #callers: FleetCallers | undefined;
  #closeAccess: () => Promise<void> = async () => {};
  #joining: Promise<void> = Promise.resolve();
  #catchingUp: Promise<void> | undefined;
  /** Answers that have not ended, watches among them. */
  readonly #readers = new Set<FastifyReply['raw']>();
  #whole = false;
  #closed = false;

  constructor(options: FleetOptions) {
    const { context, retention, logger, config, limits } = options;
    this.#options = options;
    const addresses = clusterAddresses(config.clusterUrls);
    this.#like = { addresses, createdBy: createdBy(context.build.version), retention, limits };
    this.graph = new FleetGraph(this.#like);
    this.graph.rest();
    this.#callers = this.#openCallers();
    this.app = this.#open();
    this.#stop = repeat(period, () => this.#look(), logger);
  }

  /** Resolves when the cluster's served graph was joined. */
  join(cluster: string, graph: ReplicaGraph): Promise<void> {
    this.#joining = this.#joining.then(async () => {
      if (this.#closed) return;
      await runSteps(this.graph.join(cluster, graph));
      await this.#callers?.dropAll();
      this.#tellClusters();
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

  /** Undefined if all clusters share their callers, or each request must name its cluster. */
  #openCallers(): FleetCallers | undefined {
    const { config } = this.#options;
    if (config.auth !== 'kubernetes' || !config.reviewEverywhere) return undefined;
    return new FleetCallers({
      members: () => this.#accessible(),
      states: () => this.#states(),
      open: (part) => this.#openPart(part),
      ...{ like: this.#like, mostBytes: config.scopeMemory, clock: monotonicClock },
    });
  }

  async #open(): Promise<Server> {
    const { config, logger, processMetrics, compression, context, leaving } = this.#options;
    const { engine } = this.graph;
    const metrics = this.#metricsOf(processMetrics);
    addGraphMetrics(metrics, {
      graph: engine,
      build: context.build,
      compression: compression.stats,
      problems: () => noProblems,
    });
    // With rights per cluster it would be unclear whose rights apply: such requests must set `cluster=`.
    const refuses = config.auth === 'kubernetes' && this.#callers === undefined;
    const protection = refuses ? undefined : await this.#protection(metrics);
    if (protection) this.#closeAccess = () => protection.close();
    const server = { logger, admission: { ...admissionOf(config), origins: config.cors }, leaving };
    const access = protection?.access;
    const app = createApp({ ...this.#shared(), compression, metrics, measured: true, server, access });
    if (refuses)
      app.addHook('onRequest', async (request) => {
        if (!isOpen(request)) throw fault('forbidden', { reason: noReviews });
      });
    app.addHook('onRequest', async (request, reply) => {
      if (!isOpen(request)) await this.#attend(reply);
    });
    await app.ready();
    return app;
  }

  /** Callers with rights per cluster are asked about in those that serve a graph: others are not named. */
  #metricsOf(processMetrics: Registry): Registry {
    if (this.#options.config.auth !== 'kubernetes') return Registry.merge([processMetrics]);
    return metricsOfClusters(processMetrics, (named) => this.#accessible().some(({ cluster }) => cluster === named));
  }

  #shared() {
    const { config, context, epoch } = this.#options;
    const { engine: graph, names } = this.graph;
    const notReady = () => (this.#whole ? undefined : 'no master has told a whole graph yet');
    const history = this.#historyOf(() => this.#accessible());
    return { ...context, graph, typesNamed: names.meant, origins: config.cors, notReady, epoch, history };
  }

  #protection(metrics: Registry): Promise<Protection> {
    const { config, logger, epoch } = this.#options;
    const callers = this.#callers;
    return protect({
      config,
      client: { review: () => Promise.reject(fault('forbidden', { reason: noReviews })) },
      main: this.graph.engine,
      mirror: undefined,
      engineOptions: this.graph.engineOptions,
      epoch,
      kinds: () => [],
      synced: () => true,
      metrics,
      clock: monotonicClock,
      logger,
      strangers: this.#options.strangers,
      admitted: (_request, reply) => void reply.headers(lagHeaders([...this.#options.members()])),
      open: () => Promise.reject(fault('forbidden', { reason: noReviews })),
      ...(callers ? { callers: { authenticator: callers.authenticator, limits: callers.limits } } : {}),
    });
  }

  /** Opens the application over the part that a caller may see. */
  async #openPart({ graph, pasts, epoch }: FleetPart): Promise<Server> {
    const { logger, compression, processMetrics } = this.#options;
    // The number of revisions would reveal activity in hidden parts.
    const { clusters: _, ...shared } = this.#shared();
    const app = createApp({
      ...shared,
      ...{ graph: graph.engine, typesNamed: graph.names.meant, partial: true, epoch, compression },
      metrics: this.#metricsOf(processMetrics),
      history: this.#historyOf(() => pasts),
      server: { logger: logger.child({}, { level: 'warn' }) },
    });
    await app.ready();
    return app;
  }

  #historyOf(members: () => readonly MemberPast[]): History | undefined {
    if (this.#options.config.history === 0) return undefined;
    return new FleetHistory({ ...this.#like, members, turns, clock: Date.now });
  }

  #accessible(): AccessibleMember[] {
    return [...this.#options.members()].flatMap(({ accessible }) => accessible ?? []);
  }

  /** Until the answer ends the graph is as its members are. */
  #attend({ raw }: FastifyReply): Promise<void> {
    this.#readers.add(raw);
    this.graph.wake();
    this.#tellClusters();
    raw.once('close', () => this.#leave(raw));
    if (raw.destroyed) this.#leave(raw);
    return this.#catchUp();
  }

  #leave(raw: FastifyReply['raw']): void {
    if (this.#readers.delete(raw) && this.#readers.size === 0) this.graph.rest();
  }

  #catchUp(): Promise<void> {
    this.#catchingUp ??= runSteps(this.graph.catchUp()).finally(() => {
      this.#catchingUp = undefined;
    });
    return this.#catchingUp;
  }

  async #look(): Promise<void> {
    if (this.#readers.size > 0) this.#tellClusters();
    else this.#callers?.tellClusters();
    if (this.graph.behind > mostBehind) await this.#catchUp();
  }

  #tellClusters(): void {
    this.graph.tellClusters(this.#states());
    this.#callers?.tellClusters();
  }

  #states(): Map<string, SourceState> {
    const states = new Map<string, SourceState>();
    for (const { cluster, replica, graph } of this.#options.members())
      states.set(cluster, stateOf(replica.standing(), graph?.engine.timestamp ?? timestampOf(Date.now())));
    return states;
  }
}

const noReviews = 'rights are those of one cluster: say cluster=NAME';
const noProblems = { refused: 0, ruleFailures: 0, rules: 0, badRules: 0, unreadRules: 0, foreignContainers: 0 };

function stateOf({ state, staleSince, reason }: ReplicaStanding, since: string): SourceState {
  if (state === 'empty') return { state: 'syncing', since, reason: 'its master has told nothing whole yet' };
  if (state === 'following') return { state: 'synced', since };
  return { state: 'stale', since: staleSince ?? since, ...(reason === undefined ? {} : { reason }) };
}
