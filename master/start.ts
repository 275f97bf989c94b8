// Wires the master: cluster, reflectors and collector, store and engine, routes. The only place for that.
import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import packageJson from '../package.json' with { type: 'json' };
import { openAudit } from '../src/audit/open.ts';
import { monotonicClock, steadyClock } from '../src/clock.ts';
import { drained } from '../src/http/drain.ts';
import type { Check } from '../src/http/health.ts';
import { endOf, readTls, serveTlsAnew } from '../src/http/tls.ts';
import type { Logger } from '../src/logger.ts';
import type { Running, Start, StartOptions } from '../src/mode.ts';
import type { KubernetesObject } from '../src/model.ts';
import { RestingOptimizer } from '../src/optimizer.ts';
import { repeat } from '../src/repeat.ts';
import type { Config } from '../src/settings/config.ts';
import { admissionOf } from '../src/settings/config-checks.ts';
import { environment } from '../src/settings/environment.ts';
import { openMetricsOut } from '../src/shipping/metrics-out.ts';
import { protect } from './access/protect.ts';
import type { AlertsReader } from './alerts/alerts-reader.ts';
import { createApp } from './app.ts';
import type { Graph } from './build-graph.ts';
import { certificateChecks, type Secured } from './certificates.ts';
import { createCompression } from './compression/compress.ts';
import type { FindingsDesk } from './findings/desk.ts';
import { calmGarbageCollection } from './garbage-collection.ts';
import type { Engine } from './graph/engine/engine.ts';
import { coolingPeriod, coolTexts } from './graph/model/slab.ts';
import { createRetention, mostOf, type Retention } from './graph/revisions/retention.ts';
import { OpenedHistory, placeOfHistory } from './history/open.ts';
import { openJudging } from './judging.ts';
import { MemoryGuard, watchMemory } from './memory-guard.ts';
import { type ClusterReading, openReading } from './open-reading.ts';
import { askedFor, createAnnotationWatch, createResync, type Resync } from './resyncing.ts';
import type { Build } from './routes/route.ts';
import { runningImage } from './running-image.ts';
import { openCluster, type ServedCluster } from './served-cluster.ts';
import { SmallHeap } from './small-heap.ts';
import type { Client } from './sources/kubernetes/client.ts';
import { freeSpare } from './sources/kubernetes/page.ts';
import type { Source } from './sources/source.ts';
import type { Sources } from './sources/sources.ts';
import type { Publishing, PublishingOptions } from './stream/publishing.ts';
import { addMetrics, blindSeconds, type MetricsSources } from './telemetry/metrics.ts';
import { createMemoryWatch, memoryLimit } from './telemetry/process-metrics.ts';
import { readingMetrics } from './telemetry/reading-metrics.ts';
import { turns } from './turns.ts';
import { builtPage, readStaticFiles } from './ui/static-files.ts';

/** Milliseconds between two checks of memory. */
const memoryPeriod = 2_000;
/** Milliseconds between two checks of the resync annotation. */
const annotationPeriod = 5_000;
/** Milliseconds between two checks of slow readers. */
const retentionPeriod = 1_000;

export const start: Start = async (options) => {
  // Closed in reverse order: at the end of the process, and if the start fails.
  await using opening = new AsyncDisposableStack();
  const state = { leaving: false };
  const { url, resync } = await open(options, opening, state);
  const opened = opening.move();
  const retire = () => {
    state.leaving = true;
  };
  return {
    url,
    retire,
    resync: (by: string) => void resync(by),
    close: () => opened.disposeAsync(),
  } satisfies Running;
};

/** Whether the process is ending. */
interface Standing {
  leaving: boolean;
}

interface Opened {
  /** Its URL. */
  readonly url: string;
  readonly resync: Resync;
}

async function open(options: StartOptions, opening: AsyncDisposableStack, state: Standing): Promise<Opened> {
  const { config, logger, shipping } = options;
  const secured = { tls: readTls(config) };
  const served = await openedCluster(options, opening);
  const build = buildOf(config);
  const metrics = new Registry();
  const retention = openRetention(metrics, logger);
  // To add a source, add a line here.
  const others: readonly Source[] = [];
  const epoch = randomUUID().slice(0, 8);
  const place = await placeOfHistory({ ...served, config, logger, clusterUid: () => clusterUid(served.client) });
  // One for both, so that no change is recorded at a moment that was asked about before.
  const clock = steadyClock(Date.now);
  const history = place && new OpenedHistory({ place, config, epoch, clock, logger, metrics });
  const observe = history?.observe.bind(history);
  const limit = new MemoryGuard();
  const about = { config, logger, metrics, version: build.version, served, others, observe, clock };
  const reading = openReading({ ...about, retention, limit }, opening);
  if (history) opening.defer(keepHistory(history, reading, logger));
  const judged = await openJudging({ config, reading, history, place, served, metrics, limit, logger }, opening);
  const told = { config, logger, metrics, version: build.version, limit, epoch, served, reading };
  opening.defer(await tellGateway({ ...told, shipping, findings: judged.findings }));
  const publishing = publish(told);
  opening.defer(() => publishing?.close());
  const compression = createCompression(config.cacheSize);
  const certificateEnd = () => endOf(secured.tls);
  measure(metrics, reading, {
    build,
    compression: compression.stats,
    findings: judged.findings.findings,
    certificateEnd,
  });
  const out = await openMetricsOut({ config, mode: 'master', registry: metrics, take: reading.points?.drain, logger });
  if (out) opening.defer(() => out.close());
  const resync = createResync(reading.reflectors.resync, logger);
  opening.defer(guardMemory(limit, reading.graph, resync, logger));
  const shown = { ...about, build, compression, reading, secured, state, resync, epoch, history, publishing };
  const app = await openApp({ ...shown, ...judged }, opening);
  const listenTextResolver = (address: string) => `serving ${served.words} at ${address}/`;
  const url = await app.listen({ host: config.host, port: config.port, listenTextResolver });
  if (served.demo) logger.warn('this is the demo: the cluster that is served is made up, and runs nowhere');
  opening.defer(serveTlsAnew(app.server, config, logger, (tls) => void (secured.tls = tls)));
  opening.defer(repeat(memoryPeriod, createMemoryWatch(logger), logger));
  opening.defer(keepSmall(reading, logger));
  opening.defer(keepCool(reading, logger));
  opening.defer(repeat(retentionPeriod, () => void retention.look(), logger));
  const look = annotationLook(config, reading.graph.engine, resync);
  if (look) opening.defer(repeat(annotationPeriod, look, logger));
  return { url, resync };
}

interface Told extends Pick<StartOptions, 'config' | 'logger' | 'shipping'> {
  readonly metrics: Registry;
  /** Version of this program. */
  readonly version: string;
  readonly served: ServedCluster;
  readonly reading: ClusterReading;
  readonly limit: MemoryGuard;
  readonly epoch: string;
}

/** Loaded only with a configured gateway. Returns a function that ends it. */
async function tellGateway({
  served,
  reading,
  limit,
  ...rest
}: Told & { readonly findings: FindingsDesk }): Promise<() => Promise<void>> {
  if (rest.config.gateway === undefined) return () => Promise.resolve();
  const [{ openMasterUplink }, { reviewCommand }] = await Promise.all([
    import('./uplink/open.ts'),
    import('./uplink/review-command.ts'),
  ]);
  const { series, synced, kinds, graph: read } = reading;
  const { engine, mirror, engineOptions } = read;
  if (mirror === undefined) throw new Error('what is told to a gateway must be mirrored');
  const { virtualTypes, namespaces, createdBy } = engineOptions;
  const uid = await clusterUid(served.client);
  const told = { engine, mirror, clusterUid: uid, createdBy, virtualTypes, namespaces, limit, kinds };
  const graph = { ...told, demo: served.demo };
  const commands = { review: reviewCommand(served.client) };
  const uplink = await openMasterUplink({ ...rest, clusterName: served.clusterName, graph, series, synced, commands });
  return () => uplink.close();
}

function measure(
  metrics: Registry,
  { graph, reflectors, collector, rules, connections }: ClusterReading,
  others: Pick<MetricsSources, 'build' | 'compression' | 'findings' | 'certificateEnd'>,
): void {
  const problems = () => ({
    refused: graph.store.refused,
    ruleFailures: graph.problems.count(),
    rules: rules.rules,
    badRules: rules.faults,
    unreadRules: rules.unread,
    foreignContainers: graph.containers.foreign,
  });
  addMetrics(metrics, {
    graph: graph.engine,
    reflectors,
    collector,
    connections: () => connections.counts(),
    ...others,
    problems,
  });
}

/** The served cluster, with an audit of all requests to it. */
async function openedCluster({ config, logger, signal }: StartOptions, opening: AsyncDisposableStack) {
  const { audit, close } = await openAudit({ mode: 'master', audit: config.audit ?? 'off', config, logger });
  opening.defer(close);
  const served = await openCluster(config, logger, signal, environment, audit);
  opening.defer(() => served.close());
  opening.defer(() => served.client.close());
  return served;
}

/** A start that waits for an API server is not at rest: it begins when everything is read. */
function keepSmall({ waitingFor }: ClusterReading, logger: Logger): () => void {
  const heap = new SmallHeap({ onLarge: calmGarbageCollection });
  let optimizer: RestingOptimizer | undefined;
  const look = () => {
    if (waitingFor() !== undefined) return;
    optimizer ??= new RestingOptimizer();
    optimizer.look();
    heap.look();
  };
  return repeat(memoryPeriod, look, logger);
}

/** Texts that nobody reads any more are packed, and memory for lists that are not read is freed. */
function keepCool({ waitingFor, graph }: ClusterReading, logger: Logger): () => void {
  const cool = async () => {
    if (waitingFor() !== undefined) return;
    coolTexts(memoryLimit());
    freeSpare();
    // Not as long work of a tenant, which would take a reader's place, or be refused where there is none.
    for await (const _ of turns.pace(graph.engine.bytes.cool()));
  };
  return repeat(coolingPeriod, cool, logger);
}

function guardMemory(limit: MemoryGuard, { engine }: Graph, resync: Resync, logger: Logger): () => void {
  return watchMemory(limit, {
    logger,
    shown: () => engine.selectedRelations.shown,
    followed: () => engine.followedReferences,
    apply: () => engine.transact(() => {}),
    resync: () => void resync('room in the heap'),
  });
}

/** Checks the Deployment of this Pod, if the Pod is known. */
function annotationLook({ podName: name, podNamespace: namespace }: Config, engine: Engine, resync: Resync) {
  if (name === undefined || namespace === undefined) return undefined;
  return createAnnotationWatch(() => askedFor(engine, { name, namespace }), resync);
}

/**
 * Starts when the graph is complete: the initial reading must not wait, and derived data would be written twice.
 * Returns a function that ends it.
 */
function keepHistory(history: OpenedHistory, { synced, graph }: ClusterReading, logger: Logger): () => Promise<void> {
  const ended = Promise.withResolvers<false>();
  const whole = synced.then(() => true);
  const started = Promise.race([whole, ended.promise]).then(async (isWhole) => {
    if (isWhole) await history.start(graph);
  });
  started.catch((err: unknown) => logger.error({ err }, 'no history is kept'));
  return async () => {
    ended.resolve(false);
    await started.catch(() => undefined);
    await history.close();
  };
}

type ToPublish = Pick<PublishingOptions, 'config' | 'logger' | 'metrics' | 'version' | 'limit' | 'epoch'> & {
  readonly served: ServedCluster;
  readonly reading: ClusterReading;
};

interface ToBePublished {
  /** Of `/readyz?verbose`. */
  readonly check: Check;
  close(): Promise<void>;
}

/** Starts when the graph is complete, and loads its packages then. Undefined without a configured stream. */
function publish({ served, reading, ...options }: ToPublish): ToBePublished | undefined {
  const { config, logger } = options;
  if (config.stream.length === 0) return undefined;
  let publishing: Publishing | undefined;
  const ended = Promise.withResolvers<false>();
  const whole = reading.synced.then(() => true);
  const started = Promise.race([whole, ended.promise]).then(async (isWhole) => {
    if (!isWhole) return;
    const { startPublishing } = await import('./stream/publishing.ts');
    const { graph, kinds } = reading;
    publishing = await startPublishing({
      ...options,
      graph,
      kinds,
      demo: served.demo,
      clusterUid: () => clusterUid(served.client),
      lease: (name) => served.client.lease(name),
    });
  });
  started.catch((err: unknown) => logger.error({ err }, 'nothing is published'));
  return {
    // It never makes a master unready: its own answers need no stream.
    check: { name: 'stream', check: () => true, note: () => publishing?.note() ?? 'waits for the whole graph' },
    async close() {
      ended.resolve(false);
      await started.catch(() => undefined);
      await publishing?.close();
    },
  };
}

/** Undefined if unreadable. */
async function clusterUid(client: Client): Promise<string | undefined> {
  try {
    const { status, body } = await client.get('/api/v1/namespaces/kube-system', { purpose: 'identity of the cluster' });
    const { metadata } = JSON.parse(body.toString()) as Partial<KubernetesObject>;
    return status === 200 ? metadata?.uid : undefined;
  } catch {
    return undefined;
  }
}

function openRetention(metrics: Registry, logger: Logger): Retention {
  return createRetention({
    most: mostOf(memoryLimit()),
    onCut(held, rests) {
      readingMetrics(metrics).cutOff.inc({ reason: rests ? 'past_held_by_pages' : 'past_held' });
      const what = rests ? 'a walk through pages was ended' : 'a slow reader was cut off';
      logger.warn({ held }, `${what}: too much of the past was held in memory for it`);
    },
  });
}

interface AppParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly served: ServedCluster;
  readonly build: Build;
  readonly metrics: Registry;
  readonly compression: ReturnType<typeof createCompression>;
  readonly reading: ClusterReading;
  readonly secured: Secured;
  /** Distinguishes this process's revisions. */
  readonly epoch: string;
  readonly history: OpenedHistory | undefined;
  readonly publishing: ToBePublished | undefined;
  readonly state: Standing;
  readonly resync: Resync;
  readonly findings: FindingsDesk;
  readonly alerts: AlertsReader | undefined;
}

/** Creates the routes behind access control; not listening yet. */
async function openApp(parts: AppParts, opening: AsyncDisposableStack) {
  const { config, logger, served, build, metrics, compression, reading, secured, state, resync } = parts;
  const { epoch, history, publishing, findings, alerts } = parts;
  const { graph, reflectors, sources, series, prometheus, pastUse } = reading;
  const context = {
    graph: graph.engine,
    typesNamed: graph.names.meant,
    origins: config.cors,
    live: [{ name: 'ping', check: () => true as const }],
    ready: [
      { name: 'shutdown', check: () => !state.leaving || 'the process is ending' },
      { name: 'sync', check: () => waited(sources), note: reflectors.notAllowed },
      inStep(graph.engine, Date.now),
      ...(publishing ? [publishing.check] : []),
      ...certificateChecks(secured, reading.collector, config),
    ],
    notReady() {
      const what = reading.waitingFor();
      return what === undefined ? undefined : `waiting for ${what}`;
    },
    metrics,
    build,
    series,
    prometheus,
    pastUse,
    ...runningOf(config, graph.engine),
    demo: served.demo,
    epoch,
    history: history?.whole(),
    findings,
    alerts,
    page: readStaticFiles(builtPage),
  };
  // The outer application logs requests already.
  const behind = logger.child({}, { level: 'warn' });
  const protection = await protect({
    config,
    client: served.client,
    main: graph.engine,
    mirror: graph.mirror,
    engineOptions: graph.engineOptions,
    epoch,
    kinds: () => reading.kinds.values(),
    synced: () => reading.waitingFor() === undefined,
    metrics,
    clock: monotonicClock,
    logger,
    async open(part, partEpoch, rights) {
      // Findings from their graph only, by the same rules.
      const ofPart = { graph: part, partial: true, findings: undefined, findingBook: findings.book };
      const own = { ...ofPart, epoch: partEpoch, history: history?.visible(rights) };
      const app = createApp({ ...context, ...own, compression, server: { logger: behind } });
      await app.ready();
      return app;
    },
  });
  opening.defer(() => protection.close());
  const admission = { ...admissionOf(config), origins: config.cors };
  const server = { logger, admission, leaving: () => state.leaving, ...(secured.tls ? { https: secured.tls } : {}) };
  const app = createApp({ ...context, resync, compression, measured: true, server, access: protection.access });
  opening.defer(async () => {
    state.leaving = true;
    // Streams of visible graphs end with the others: the application waits for their connections.
    await Promise.all([drained(app, { within: config.drain, logger }), protection.close()]);
  });
  return app;
}

function waited(sources: Sources): true | string {
  const what = sources.waitingFor();
  return what === undefined || `waiting for ${what}`;
}

/** Never fails: stale data is served and marked. */
function inStep(graph: Engine, clock: () => number): Check {
  return {
    name: 'in-step',
    check: () => true,
    note() {
      const blind = blindSeconds(graph, clock);
      return blind === 0
        ? undefined
        : `something has been out of step for ${Math.round(blind)} s: see /cluster/completeness`;
    },
  };
}

/** This Pod's image according to the graph, if the Pod is known. */
function runningOf({ podName: name, podNamespace: namespace }: Config, engine: Engine) {
  if (name === undefined || namespace === undefined) return {};
  return { running: () => runningImage(engine, { name, namespace }) };
}

function buildOf({ version, revision, buildDate }: Config): Build {
  return { version: version ?? packageJson.version, revision, date: buildDate };
}
