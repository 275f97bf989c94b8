// The server of a replica: one address for all clusters. It passes each request to the application of the requested cluster, and
// adds headers that say how far that cluster is behind its master.

import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Registry } from 'prom-client';
import { monotonicClock } from '../../src/clock.ts';
import { counted } from '../../src/counted.ts';
import { fault } from '../../src/errors.ts';
import { drained } from '../../src/http/drain.ts';
import type { Check } from '../../src/http/health.ts';
import { createServer, type Server } from '../../src/http/server.ts';
import { readTls, serveTlsAnew } from '../../src/http/tls.ts';
import type { Logger } from '../../src/logger.ts';
import { repeat } from '../../src/repeat.ts';
import type { Config } from '../../src/settings/config.ts';
import { Strangers } from '../../src/strangers.ts';
import type { Reviewer } from '../access/auth/token-review.ts';
import { createCompression } from '../compression/compress.ts';
import type { FindingsReader } from '../findings/contract.ts';
import { coolingPeriod, coolTexts } from '../graph/model/slab.ts';
import { createRetention, mostOf, type Retention } from '../graph/revisions/retention.ts';
import { MemoryGuard, watchMemory } from '../memory-guard.ts';
import type { Build, ClusterStanding } from '../routes/route.ts';
import type { SeriesReader } from '../series/series.ts';
import { addProcessMetrics } from '../telemetry/metrics.ts';
import { memoryLimit } from '../telemetry/process-metrics.ts';
import { addReplicaMetrics } from '../telemetry/replica-metrics.ts';
import type { StaticFiles } from '../ui/static-files.ts';
import { Fleet } from './fleet.ts';
import { lagHeaders } from './lag-headers.ts';
import { Member } from './member.ts';
import { ReaderLimits } from './reader-limits.ts';
import type { ReplicaGraph } from './replica-graph.ts';
import { nobodyThere, nothingWhole, openUnserved, type Unserved } from './unserved.ts';

export interface ReplicaServerOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly build: Build;
  readonly page?: StaticFiles | undefined;
  /** The only served cluster; undefined if there may be several. */
  readonly only?: string | undefined;
  /** Reviews the callers of a cluster. */
  readonly reviewerOf: (cluster: string) => Reviewer | undefined;
  /** A cluster's metrics, if masters send them. */
  readonly seriesOf?: (cluster: string) => SeriesReader;
  /** A cluster's findings, if masters send them. */
  readonly findingsOf?: (cluster: string) => FindingsReader;
  /** Whether the cluster's actor is connected, where actions are enabled; undefined if it never connected. */
  readonly actorOf?: (cluster: string) => ClusterStanding['actor'];
  /** An application that answers certain paths, whatever the cluster. */
  readonly beside?: { readonly app: Server; readonly answers: (path: string) => boolean } | undefined;
  /** Exposed beside our own. */
  readonly metrics?: Registry | undefined;
  /** Checked beside our own. */
  readonly ready?: readonly Check[];
}

/** Milliseconds between two checks of what slow readers hold. */
const retentionPeriod = 1_000;
const mostListeners = 30;
/** Milliseconds of unread log after which the replica is not ready. */
const mostBehind = 30_000;

export class ReplicaServer {
  readonly metrics: Registry;
  readonly #options: ReplicaServerOptions;
  readonly #members = new Map<string, Member>();
  readonly #retention: Retention;
  readonly #compression;
  readonly #front: Server;
  readonly #strangers = new Strangers(monotonicClock);
  readonly #guard = new MemoryGuard();
  readonly #limits = new ReaderLimits({ own: this.#guard });
  /** Answers for clusters without a complete graph, and for unknown ones. */
  #empty: Unserved | undefined;
  #unknown: Unserved | undefined;
  /** Set if several clusters may be served. */
  readonly #fleet: Fleet | undefined;
  #fleetApp: Server | undefined;
  /** The unknown cluster that each request named. */
  readonly #named = new WeakMap<object, string>();
  readonly #stops: (() => void)[] = [];
  #leaving = false;

  constructor(options: ReplicaServerOptions) {
    const { config, logger } = options;
    this.#options = options;
    this.metrics = options.metrics ?? new Registry();
    this.#retention = createRetention({ most: mostOf(memoryLimit()) });
    this.#compression = createCompression(config.cacheSize);
    addProcessMetrics(this.metrics);
    addReplicaMetrics(this.metrics, () => this.#members.values());
    this.#fleet = options.only === undefined ? this.#openFleet() : undefined;
    this.#front = this.#openFront();
    this.#stops.push(repeat(retentionPeriod, () => void this.#retention.look(), logger));
    this.#stops.push(repeat(coolingPeriod, () => coolTexts(memoryLimit()), logger));
  }

  /** Follows the log of a cluster. Created at the first call for it. */
  member(cluster: string): Member {
    const known = this.#members.get(cluster);
    if (known) return known;
    const { config, logger, only, reviewerOf, seriesOf, findingsOf } = this.#options;
    const member = new Member({
      cluster,
      amongOthers: only === undefined,
      config,
      logger,
      processMetrics: this.metrics,
      compression: this.#compression,
      retention: this.#retention,
      reviewer: reviewerOf(cluster),
      context: { ...this.#contextOf(cluster), ...(seriesOf ? { series: seriesOf(cluster) } : {}) },
      findings: findingsOf?.(cluster),
      leaving: () => this.#leaving,
      strangers: this.#strangers,
      limits: this.#limits,
      ...(this.#fleet ? { onServed: (graph) => this.#join(cluster, graph) } : {}),
    });
    this.#members.set(cluster, member);
    return member;
  }

  members(): Iterable<Member> {
    return this.#members.values();
  }

  /** The listening server, for connections other than requests. */
  get http(): Server['server'] {
    return this.#front.server;
  }

  /** Returns the URL. */
  async listen(): Promise<string> {
    const { config, logger } = this.#options;
    this.#empty = await this.#openEmpty();
    this.#unknown = await this.#openUnknown();
    const url = await this.#front.listen({ host: config.host, port: config.port });
    // The front logs only warnings.
    logger.info(`serving what masters tell at ${url}/`);
    this.#stops.push(this.#guardMemory(), serveTlsAnew(this.#front.server, config, logger));
    return url;
  }

  /** Stops adding relations near the heap's limit, and asks for those left out once there is room again. */
  #guardMemory(): () => void {
    const { logger } = this.#options;
    const failed = (err: unknown) => logger.error({ err }, 'the limits of this process could not be applied');
    return watchMemory(this.#guard, {
      logger,
      shown: () => this.#limits.shown,
      followed: () => this.#limits.followed,
      apply: () => void Promise.all([...this.#members.values()].map((member) => member.applyLimits())).catch(failed),
      resync: () => {
        for (const member of this.#members.values()) member.tellAgain('there is room in the heap again');
      },
    });
  }

  /** Reports not ready from now on, but answers all other requests as before. */
  retire(): void {
    this.#leaving = true;
  }

  async close(): Promise<void> {
    const { config, logger } = this.#options;
    this.#leaving = true;
    for (const stop of this.#stops) stop();
    // The front waits for its connections, so end the applications' streams first.
    await Promise.all([
      drained(this.#front, { within: config.drain, logger }),
      ...[...this.#members.values()].map((member) => member.close()),
      this.#empty?.close(),
      this.#unknown?.close(),
      this.#options.beside?.app.close(),
      this.#fleet?.close(),
    ]);
  }

  #context() {
    const { build, page } = this.#options;
    const live = [{ name: 'ping', check: () => true as const }];
    return { build, page, live, ready: this.#checks(), clusters: () => this.#standings() };
  }

  #checks(): Check[] {
    const all = () => [...this.#members.values()];
    // Anyone may call the probes: do not name clusters there if callers must authenticate.
    const isOpen = this.#options.config.auth === 'none';
    return [
      { name: 'shutdown', check: () => !this.#leaving || 'the process is ending' },
      {
        name: 'sync',
        check: () => all().some(({ app }) => app !== undefined) || 'no master has told a whole graph yet',
      },
      { name: 'log', check: () => behindOf(all(), isOpen), note: () => staleNote(all(), isOpen) },
      ...(this.#options.ready ?? []),
    ];
  }

  /** A token for one cluster must not reveal the others. */
  #contextOf(cluster: string) {
    if (this.#options.config.auth !== 'kubernetes') return this.#context();
    return { ...this.#context(), clusters: () => this.#standings().filter(({ name }) => name === cluster) };
  }

  #standings(): ClusterStanding[] {
    return [...this.#members.values()].map(({ cluster, replica, graph }) => {
      const { state, lag, staleSince, reason } = replica.standing();
      const actor = this.#options.actorOf?.(cluster);
      return { name: cluster, state, revision: graph?.engine.revision, lag, staleSince, reason, actor };
    });
  }

  #openFleet(): Fleet {
    const { config, logger } = this.#options;
    const fleet = new Fleet({
      ...{ config, logger, processMetrics: this.metrics, compression: this.#compression, retention: this.#retention },
      epoch: randomUUID().slice(0, 8),
      context: this.#context(),
      members: () => this.#members.values(),
      leaving: () => this.#leaving,
      strangers: this.#strangers,
      limits: this.#limits,
    });
    fleet.app.then(
      (app) => {
        this.#fleetApp = app;
      },
      (err: unknown) => logger.error({ err }, 'the graph of several clusters cannot be served'),
    );
    return fleet;
  }

  #join(cluster: string, graph: ReplicaGraph): void {
    this.#fleet?.join(cluster, graph).catch((err: unknown) => {
      this.#options.logger.error({ err, cluster }, 'a cluster could not be taken into the graph of all');
    });
  }

  /** Answers that no graph is complete yet. */
  #openEmpty(): Promise<Unserved> {
    return openUnserved({ ...this.#unservedParts(), review: nothingWhole });
  }

  /** Tells authenticated callers that the cluster is unknown. Others must not learn which clusters exist. */
  #openUnknown(): Promise<Unserved> {
    const instead = (asked: object) => fault('unknown_cluster', { cluster: this.#named.get(asked) ?? '' });
    return openUnserved({ ...this.#unservedParts(), review: nobodyThere, instead });
  }

  #unservedParts() {
    const { config, logger, only = '' } = this.#options;
    const shared = { config, logger, metrics: this.metrics, retention: this.#retention, strangers: this.#strangers };
    return { ...shared, context: this.#context(), clusterName: only };
  }

  #openFront(): Server {
    const { config, logger } = this.#options;
    const https = readTls(config);
    // The answering application logs its requests; the front would log them twice.
    const quiet = logger.child({}, { level: 'warn' });
    const front = createServer({ logger: quiet, leaving: () => this.#leaving, ...(https ? { https } : {}) });
    front.addHook('onRequest', async (request, reply) => this.#handOver(request, reply));
    void this.#options.beside?.app.ready();
    return front;
  }

  #handOver(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { beside } = this.#options;
    if (beside?.answers(pathOf(request.raw.url ?? '/'))) {
      reply.hijack();
      beside.app.routing(request.raw, reply.raw);
      return reply;
    }
    const { app, about } = this.#answering(request);
    // With authentication, the application sets them after its check.
    if (this.#options.config.auth === 'none')
      for (const [name, value] of Object.entries(lagHeaders(about))) reply.raw.setHeader(name, value);
    if (this.#leaving) reply.raw.setHeader('connection', 'close');
    // Each application in the chain (front, cluster, caller) adds its own listeners.
    reply.raw.setMaxListeners(mostListeners);
    reply.hijack();
    app.routing(request.raw, reply.raw);
    return reply;
  }

  #answering(request: FastifyRequest): { readonly app: Server; readonly about: readonly Member[] } {
    const { only } = this.#options;
    const { cluster, url } = withoutCluster(request.raw.url ?? '/');
    request.raw.url = url;
    const [empty, unknown] = [opened(this.#empty), opened(this.#unknown)];
    const name = cluster ?? only;
    if (name === undefined) return { app: this.#fleetApp ?? empty, about: [...this.#members.values()] };
    const member = this.#members.get(name);
    if (member || name === only) return { app: member?.app ?? empty, about: member ? [member] : [] };
    this.#named.set(request.raw, name);
    return { app: unknown, about: [] };
  }
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}

/** Splits the parameter `cluster` from a URL. */
export function withoutCluster(url: string): { readonly cluster: string | undefined; readonly url: string } {
  const mark = url.indexOf('?');
  if (mark < 0 || !url.includes('cluster=', mark)) return { cluster: undefined, url };
  const parameters = url.slice(mark + 1).split('&');
  const isOurs = (each: string) => each.startsWith('cluster=');
  const found = parameters.find(isOurs);
  const rest = parameters.filter((each) => !isOurs(each));
  const path = url.slice(0, mark);
  return {
    cluster: found === undefined ? undefined : decoded(found.slice('cluster='.length)),
    url: rest.length > 0 ? `${path}?${rest.join('&')}` : path,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw fault('bad_parameter', { parameter: 'cluster', reason: 'it is not URL-encoded' }, error);
  }
}

/** It is undefined only until `listen` has run. @throws Fault `not_ready`. */
function opened(one: Unserved | undefined): Server {
  if (!one) throw fault('not_ready', { reason: 'it is starting' });
  return one.app;
}

function behindOf(members: readonly Member[], isOpen: boolean): true | string {
  const late = members.filter(({ replica }) => replica.behind > mostBehind);
  if (late.length === 0) return true;
  if (!isOpen) return `the logs of ${counted(late.length, 'cluster')} are unread for more than ${mostBehind / 1000} s`;
  return late
    .map(({ cluster, replica }) => `${Math.round(replica.behind / 1000)} s of ${cluster} are unread`)
    .join('; ');
}

/** Stale graphs are served; this note says so. */
function staleNote(members: readonly Member[], isOpen: boolean): string | undefined {
  const notes = members.flatMap(({ cluster, replica }) => {
    const { staleSince, reason } = replica.standing();
    return staleSince === undefined ? [] : [`${cluster} is stale since ${staleSince}: ${reason}`];
  });
  if (notes.length === 0) return undefined;
  return isOpen ? notes.join('; ') : `${counted(notes.length, 'cluster')} of those served may have been overtaken`;
}
