// Opens the reading of a cluster: the graph, the sources and what connects them.
import type { Registry } from 'prom-client';
import type { Clock } from '../src/clock.ts';
import type { Logger } from '../src/logger.ts';
import { releaseOptimizer } from '../src/optimizer.ts';
import { repeat } from '../src/repeat.ts';
import type { Config } from '../src/settings/config.ts';
import { buildGraph, type Graph } from './build-graph.ts';
import { calmGarbageCollection } from './garbage-collection.ts';
import type { Engine } from './graph/engine/engine.ts';
import type { RelationLimit } from './graph/engine/relation-limit.ts';
import type { Retention } from './graph/revisions/retention.ts';
import { createMinionPods } from './ingest/minion-pods.ts';
import { callAfterBytes } from './ingest/pages/call-after-bytes.ts';
import { createPageReader } from './ingest/pages/reader.ts';
import { kinds } from './kinds/index.ts';
import type { Kind } from './kinds/kind.ts';
import { typeOfKind } from './kinds/lookup.ts';
import { RuleWatch } from './rule-watch.ts';
import type { PastNumbers } from './series/past-numbers.ts';
import type { PastUseReader } from './series/past-use.ts';
import { Series } from './series/series.ts';
import { type ConnectionsSource, openConnections } from './sources/connections/open.ts';
import type { Client } from './sources/kubernetes/client.ts';
import type { TellReach } from './sources/kubernetes/reach-report.ts';
import { createReflectors, type Reflectors } from './sources/kubernetes/reflectors.ts';
import type { Sink } from './sources/kubernetes/sink.ts';
import { openTelemetry } from './sources/metrics/open.ts';
import { NumbersTold } from './sources/node-metrics/numbers-told.ts';
import { openNodeMetrics } from './sources/node-metrics/open.ts';
import { openPrometheusSource, type PrometheusSource } from './sources/prometheus/open.ts';
import { openCollector, type RuntimeCollector } from './sources/runtime/open.ts';
import type { Source } from './sources/source.ts';
import { type Sources, startSources } from './sources/sources.ts';
import { ClusterPoints } from './telemetry/cluster-points.ts';
import { createEventLag } from './telemetry/metrics.ts';
import { turns } from './turns.ts';

/** Milliseconds between two checks of rule files. */
const rulePeriod = 5_000;
/** Periods for which a node's numbers count as told: an answer may be late, or be lost. */
const periodsTold = 3;
/** Bytes of lists that are worth optimized code for reading them, some two thousand objects; and a thread, where others wait meanwhile. */
const muchToRead = 4 << 20;
/** Bytes that are worth a thread while no reader waits: it takes 0.4 to 1.4 s of processor time and 50 MiB to read twenty megabytes. */
const muchAtFirst = 64 << 20;
/** Namespace of the minions in the manifests. */
const usualNamespace = 'cluster-insight';

export interface ReadingOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly retention: Retention;
  readonly limit: RelationLimit;
  /** For timestamps of the graph. */
  readonly clock: Clock;
  /** Version of this program. */
  readonly version: string;
  /** The cluster that is read. */
  readonly served: {
    readonly client: Client;
    readonly clusterName: string;
    readonly minions: Config['minions'];
  };
  /** Wraps the sink of each kind. */
  readonly observe?: ((sink: Sink, kind: Kind, graph: Graph) => Sink) | undefined;
  /** Sources besides API server and minions. */
  readonly others?: readonly Source[];
}

export interface ClusterReading {
  readonly graph: Graph;
  readonly reflectors: Reflectors;
  readonly collector: RuntimeCollector;
  readonly sources: Sources;
  /** What the graph still waits for, in words; undefined once everything is listed and derived. */
  waitingFor(): string | undefined;
  /** Resolves when everything is listed and derived: changes are recorded from then on. */
  readonly synced: Promise<void>;
  /** Rules of users. */
  readonly rules: Pick<RuleWatch, 'rules' | 'faults' | 'unread'>;
  readonly series: Series;
  /** Undefined without a Prometheus. */
  readonly prometheus: PastNumbers | undefined;
  readonly pastUse: PastUseReader | undefined;
  readonly connections: Pick<ConnectionsSource, 'counts'>;
  /** The nodes' metrics for sending; undefined without receivers. */
  readonly points: ClusterPoints | undefined;
  /** Every kind read so far. */
  readonly kinds: ReadonlyMap<string, Kind>;
}

/** Starts reading. Everything it opens is closed with `opening`. */
export function openReading(options: ReadingOptions, opening: AsyncDisposableStack): ClusterReading {
  const { config, logger, metrics, served, observe = (sink) => sink, others = [] } = options;
  const live: Live = { isWhole: false };
  const graph = graphOf(options, live);
  opening.defer(() => graph.pages?.close());
  const rules = followRules(options, graph, live, opening);
  const read = new Map<string, Kind>();
  const reflectors = createReflectors({
    client: served.client,
    kinds,
    sinkOf(kind) {
      graph.names.add(kind);
      read.set(typeOfKind(kind), kind);
      return observe(graph.store.sinkOf(kind), kind, graph);
    },
    config,
    logger,
    tell: tellOf(graph),
    onEvent: createEventLag(metrics),
  });
  const pods = createMinionPods(graph.engine, config.podNamespace ?? usualNamespace);
  const collector = openCollector({
    config: { ...config, minions: served.minions },
    pods,
    sink: graph.containers.runtime,
    logger,
  });
  live.reflectors = reflectors;
  const closing = new AbortController();
  opening.defer(() => closing.abort());
  const { synced, waitingFor } = followSync(reflectors, graph.engine, logger, closing.signal, live);
  const series = new Series(config.seriesMemory);
  const points = pointsOut(config, graph.engine);
  const telemetry = telemetryOf(options, { graph, pods, series, points, synced });
  const all = [
    fromReflectors(reflectors, waitingFor),
    fromCollector(collector, synced),
    ...telemetry.sources,
    ...others,
  ];
  const sources = startSources(all, graph.writerFor);
  opening.defer(() => sources.close());
  return {
    graph,
    reflectors,
    collector,
    sources,
    series,
    points,
    prometheus: telemetry.prometheus?.numbers,
    pastUse: telemetry.prometheus?.use,
    connections: telemetry.connections,
    rules,
    waitingFor,
    synced,
    kinds: read,
  };
}

function graphOf({ config, logger, served, version, retention, limit, clock }: ReadingOptions, live: Live): Graph {
  const worth = () => (live.isWhole ? muchToRead : muchAtFirst);
  return buildGraph({
    clusterName: served.clusterName,
    version,
    namespaces: config.namespaces,
    keepValues: config.keepValues,
    ruleSettings: { argoLabel: config.argoLabel },
    logger,
    clock,
    retention,
    limit,
    mirrored: config.auth === 'kubernetes' || config.stream.length > 0 || config.gateway !== undefined,
    derivesLater: true,
    // Without much to read, optimizing waits until there is work: see keepSmall in start.ts.
    openPages: (options) => callAfterBytes(createPageReader({ ...options, worth }), muchToRead, expectMuch),
  });
}

function tellOf({ store }: Graph): TellReach {
  return (family, name, state, reason) => store.tell(family, name, state, reason);
}

interface TelemetryParts {
  readonly graph: Graph;
  readonly pods: ReturnType<typeof createMinionPods>;
  readonly series: Series;
  readonly points: ClusterPoints | undefined;
  readonly synced: Promise<void>;
}

/** What minions tell, and others where they tell nothing. */
function telemetryOf(
  { config, served, logger }: ReadingOptions,
  { graph, pods, series, points, synced }: TelemetryParts,
): {
  readonly sources: readonly Source[];
  readonly connections: ConnectionsSource;
  readonly prometheus: PrometheusSource | undefined;
} {
  const told = new NumbersTold({ lasts: periodsTold * config.metricsPeriod, clock: Date.now });
  const tell = tellOf(graph);
  const parts = { graph: graph.engine, series, logger, synced };
  const minions = openTelemetry({
    ...parts,
    config: { ...config, minions: served.minions },
    pods,
    writer: graph.writer,
    containers: graph.containers,
    tell: (node, state, reason) => tell('telemetry', node, state, reason),
    onNumbers(numbers) {
      // Probes without `cgroup` leave the numbers of containers to others.
      if (numbers.containers.some((each) => each.numbers.cpu !== undefined)) told.tell('minion', numbers.node);
      points?.take(numbers);
    },
  });
  const { client } = served;
  const numbers = openNodeMetrics({
    ...parts,
    ...{ config, client, told, tell, containers: graph.containers },
    onNumbers: points?.take,
  });
  const connections = openConnections({
    ...parts,
    file: config.connectionsFile,
    show: (standing) => graph.containers.connections.say(standing),
    probed: () => minions.connections(),
    tell: (name, state, reason) => tell('connections', name, state, reason),
  });
  const prometheus = openPrometheusSource({
    ...parts,
    config,
    tell: (state, reason) => tell('prometheus', 'right-sizing', state, reason),
  });
  const sources = [minions, numbers, connections, ...(prometheus ? [prometheus.source] : [])];
  return { sources, connections, prometheus };
}

function pointsOut({ remoteWriteUrl, otlpEndpoint }: Config, graph: Graph['engine']): ClusterPoints | undefined {
  const isTold = remoteWriteUrl !== undefined || otlpEndpoint !== undefined;
  return isTold ? new ClusterPoints({ graph }) : undefined;
}

function followSync(reflectors: Reflectors, engine: Engine, logger: Logger, signal: AbortSignal, live: Live) {
  const synced = whenSynced(reflectors, engine, logger, signal).then(() => {
    live.isWhole = true;
  });
  synced.catch((err: unknown) => signal.aborted || logger.error({ err }, 'applications could not be derived'));
  return { synced, waitingFor: () => (live.isWhole ? undefined : (reflectors.waitingFor() ?? 'applications')) };
}

/** What is there a little later than the graph and the rules. */
interface Live {
  /** Everything is listed and derived. */
  isWhole: boolean;
  reflectors?: Reflectors;
}

/** What can be read at once is there before the first object is: a start infers nothing twice. */
function followRules(
  { config, logger }: ReadingOptions,
  graph: Graph,
  live: Live,
  opening: AsyncDisposableStack,
): RuleWatch {
  const closing = new AbortController();
  const watch = new RuleWatch({
    paths: config.rules,
    graph: graph.engine,
    writer: graph.writer,
    declare: graph.declare,
    run: (steps) => turns.run(steps, closing.signal),
    relist: (types) => void live.reflectors?.relist(types),
    isWhole: () => live.reflectors?.hasSynced() ?? false,
    signal: closing.signal,
    clock: Date.now,
    logger,
  });
  if (config.rules.length === 0) return watch;
  void watch.look();
  opening.defer(repeat(rulePeriod, () => watch.look(), logger));
  opening.defer(() => closing.abort());
  return watch;
}

/** What a small cluster does without: optimized code, and a heap that may grow. */
function expectMuch(): void {
  releaseOptimizer();
  calmGarbageCollection();
}

/** The initial list is not recorded as changes; later changes are kept for watchers. */
async function whenSynced(reflectors: Reflectors, engine: Engine, logger: Logger, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  await reflectors.whenSynced;
  await turns.run(engine.derive(), signal);
  engine.changes.record();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  logger.info(`ready after ${seconds} s: ${engine.order.size} resources, ${engine.relations} relations`);
}

/** Reflectors read from their creation. */
function fromReflectors(reflectors: Reflectors, waitingFor: () => string | undefined): Source {
  return {
    family: 'kinds',
    name: 'kubernetes',
    start: () => undefined,
    health: () => ({ waitingFor: waitingFor() }),
    close: () => reflectors.close(),
  };
}

/** Minions are queried once the Pods are known, because their data is merged. The graph does not wait for them. */
function fromCollector(collector: RuntimeCollector, synced: Promise<void>): Source {
  let closed = false;
  return {
    family: 'minions',
    name: 'collector',
    start: () =>
      void synced.then(
        () => closed || collector.start(),
        () => undefined,
      ),
    health: () => ({ waitingFor: undefined }),
    async close() {
      closed = true;
      await collector.close();
    },
  };
}
