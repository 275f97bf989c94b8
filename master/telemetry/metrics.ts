// What can be seen of the master itself: the graph's size, how each kind and minion stands, and how the process does.
// Names and units are those of https://prometheus.io/docs/practices/naming/.
import { collectDefaultMetrics, Histogram, type Registry } from 'prom-client';
import type { Clock } from '../../src/clock.ts';
import type { CompressionStats } from '../compression/compress.ts';
import type { FindingSource } from '../findings/contract.ts';
import { declaredFamily } from '../findings/declared/follow.ts';
import type { Engine, GraphReader } from '../graph/engine/engine.ts';
import type { Build } from '../routes/route.ts';
import type { ReflectorHealth } from '../sources/kubernetes/reflector.ts';
import type { Reflectors } from '../sources/kubernetes/reflectors.ts';
import type { RuntimeCollector } from '../sources/runtime/open.ts';
import { measureEventLoop, measureMemory } from './process-metrics.ts';
import { lags, readingMetrics } from './reading-metrics.ts';
import { registerRequestMetrics } from './request-metrics.ts';
import { type Sample, sampledMetrics } from './sampled-metrics.ts';

export interface MetricsSources {
  readonly graph: GraphReader & Pick<Engine, 'selectedRelations' | 'rows'>;
  readonly reflectors: Reflectors;
  readonly collector: RuntimeCollector;
  /** When the served certificate expires, in milliseconds since the epoch; undefined without one. */
  readonly certificateEnd: () => number | undefined;
  readonly build: Build;
  readonly compression: () => CompressionStats;
  readonly findings: FindingSource;
  /** What agents of others see: series by source and outcome. */
  readonly connections: () => readonly { readonly source: string; readonly outcome: string; readonly series: number }[];
  /** Objects nothing could be made of, and rules that failed on an object. */
  readonly problems: () => {
    readonly refused: number;
    readonly ruleFailures: number;
    /** Of rules of users: those that run, and those that are left out. */
    readonly rules: number;
    /** Kinds that they read and that are not read. */
    readonly unreadRules: number;
    readonly badRules: number;
    readonly foreignContainers: number;
  };
}

/** Returns a function to call with the seconds from reading an event's bytes until it was in the graph. */
export function createEventLag(registry: Registry): (lag: number) => void {
  const histogram = new Histogram({
    name: 'cluster_insight_event_lag_seconds',
    help: 'From reading the bytes of a watch event to the end of the transaction that shows it',
    buckets: lags,
    registers: [registry],
  });
  return (lag) => histogram.observe(lag);
}

/** Metrics of the process, in any mode. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  // Totals that claim to be counters but are not; the same values are available by type.
  for (const what of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${what}_total`);
  measureEventLoop(registry);
  measureMemory(registry);
  registerRequestMetrics(registry);
}

/** Metrics of a graph with readers. */
export function addGraphMetrics(registry: Registry, sources: GraphSources): void {
  readingMetrics(registry);
  const add = sampledMetrics(registry);
  addGraph(add, sources);
  addReading(add, sources);
  addStates(add, sources);
  addOthers(add, sources);
}

export function addMetrics(registry: Registry, sources: MetricsSources): void {
  addProcessMetrics(registry);
  readingMetrics(registry);
  const add = sampledMetrics(registry);
  addGraph(add, sources);
  addReading(add, sources);
  addKinds(add, sources);
  addMinions(add, sources);
  addConnections(add, sources);
  addOthers(add, sources);
  addFindings(add, sources);
}

/** For how long already something was not known to be in step: see `completeness.since`. */
export function blindSeconds(graph: Pick<GraphReader, 'outOfStepSince'>, clock: Clock): number {
  const since = graph.outOfStepSince();
  return since === undefined ? 0 : Math.max(0, (clock() - Date.parse(since)) / 1000);
}

type GraphSources = Pick<MetricsSources, 'graph' | 'build' | 'compression' | 'problems'>;
type Adders = ReturnType<typeof sampledMetrics>;

function addGraph({ gauge, counter }: Adders, { graph, build, problems }: GraphSources): void {
  gauge('build_info', 'Version that runs; always 1', ['version', 'revision', 'node'], () => [
    [1, { version: build.version, revision: build.revision ?? '', node: process.version }],
  ]);
  gauge('resources', 'Resources in the graph by type, placeholders not counted', ['type'], () =>
    byType(graph.counts()),
  );
  gauge(
    'resources_by_health',
    'Resources by type and health state; types without any are left out',
    ['type', 'state'],
    () =>
      [...graph.healthCounts()].flatMap(([type, states]) =>
        [...states].map(([state, count]) => [count, { type, state }] as const),
      ),
  );
  gauge('relations', 'Relations in the graph by type', ['type'], () => byType(graph.relationCounts()));
  gauge('relations_cut', 'Relations of selectors that are left out to save memory', [], () => {
    const { wanted, shown } = graph.selectedRelations;
    return [[wanted - shown]];
  });
  gauge('revision', 'Revision of the graph', [], () => [[graph.revision]]);
  gauge('resource_bytes', 'Bytes of the serialized resources by type', ['type'], () => byType(graph.bytesByType()));
  gauge(
    'stored_bytes',
    'Bytes of serialized objects: in use; with what is free between them; and what they take in memory, packed where they are old',
    ['state'],
    () => {
      const { live, held, memory } = graph.bytes.size();
      return [
        [live, { state: 'live' }],
        [held, { state: 'held' }],
        [memory, { state: 'memory' }],
      ];
    },
  );
  gauge('graph_rows', "Rows of the graph's tables: in use, and allocated", ['table', 'state'], () =>
    Object.entries(graph.rows()).flatMap(([table, { live, held }]) => [
      [live, { table, state: 'live' }] as const,
      [held, { table, state: 'held' }] as const,
    ]),
  );
  gauge('change_log_revisions', 'Revisions in the change log from which watchers resume', [], () => [
    [graph.changes.size().changes],
  ]);
  gauge('change_log_bytes', 'Bytes of the change log from which watchers resume', [], () => [
    [graph.changes.size().bytes],
  ]);
  gauge('declared_rules', 'User-defined rules of relations', ['state'], () => [
    [problems().rules, { state: 'run' }],
    [problems().badRules, { state: 'left_out' }],
    [problems().unreadRules, { state: 'unread' }],
  ]);
  gauge('declared_findings_left_out', 'Invalid user-defined findings, and files of them, that are left out', [], () => [
    [graph.sources(declaredFamily).size],
  ]);
  counter(
    'problems_total',
    'Objects that were refused or could not be read, and claims that were rejected',
    ['what'],
    () => {
      const { refused, ruleFailures, foreignContainers } = problems();
      return [
        [refused, { what: 'refused_object' }],
        [ruleFailures, { what: 'failed_rule' }],
        [foreignContainers, { what: 'foreign_container' }],
      ];
    },
  );
}

function addReading({ gauge, counter }: Adders, { graph, compression }: GraphSources): void {
  gauge('open_captures', 'Open answers that hold a past revision', [], () => [[graph.openSnapshots.readers]]);
  counter('captures_total', 'Answers that held a revision while they were read', [], () => [
    [graph.openSnapshots.generation],
  ]);
  counter('copies_total', 'Lists copied before a change, because a past revision is being read', [], () => [
    [graph.openSnapshots.copies],
  ]);
  gauge('past_held_bytes', 'Bytes of replaced texts held only for readers of past revisions, in all graphs', [], () => [
    [graph.openSnapshots.retention.held()],
  ]);
  gauge(
    'past_limit_bytes',
    'Limit of these bytes: from half of it no large answer begins, beyond it readers are cut off',
    [],
    () => [[graph.openSnapshots.retention.most]],
  );
  counter(
    'compression_cache_requests_total',
    'Compressed parts of answers found in the cache (hit) or compressed (miss)',
    ['result'],
    () => {
      const { hits, misses } = compression();
      return [
        [hits, { result: 'hit' }],
        [misses, { result: 'miss' }],
      ];
    },
  );
  gauge('compression_cache_bytes', 'Bytes of cached compressed answers', [], () => [[compression().bytes]]);
}

function addKinds(adders: Adders, sources: MetricsSources): void {
  const { reflectors } = sources;
  const ofEach: OfEach = (samples) => () =>
    Object.entries(reflectors.health().kinds).flatMap(([type, health]) =>
      [...samples(health)].map(([value, labels]): Sample => [value, { type, ...labels }]),
    );
  addStates(adders, sources);
  addLists(adders, ofEach);
  addWatches(adders, ofEach);
  addTruth(adders, sources, ofEach);
}

function addStates({ gauge }: Adders, { graph }: GraphSources): void {
  gauge('kind_state', 'State of each kind that is read; 1 for its current state', ['type', 'state'], () =>
    [...graph.sources('kinds')].map(([type, { state }]): Sample => [1, { type, state }]),
  );
}

type OfEach = (samples: (health: ReflectorHealth) => Iterable<Sample>) => () => Sample[];

function resultsOf(counts: { readonly ok: number; readonly failed: number }): Sample[] {
  return Object.entries(counts).map(([result, count]): Sample => [count, { result }]);
}

function addLists({ counter }: Adders, ofEach: OfEach): void {
  counter(
    'lists_total',
    'Lists by type and result',
    ['type', 'result'],
    ofEach(({ lists }) => resultsOf(lists)),
  );
  counter(
    'relists_total',
    'Complete lists by type and cause: `history` if a version went back, `refused` if a watch was refused',
    ['type', 'cause'],
    ofEach(({ causes }) => Object.entries(causes).flatMap(([cause, n]): Sample[] => (n > 0 ? [[n, { cause }]] : []))),
  );
}

/** How far what is shown can be relied on. */
function addTruth({ gauge, counter }: Adders, { graph, reflectors }: MetricsSources, ofEach: OfEach): void {
  gauge(
    'blind_seconds',
    'How long something has been out of step with the API server; 0 if everything is in step',
    [],
    () => [[blindSeconds(graph, Date.now)]],
  );
  counter(
    'other_histories_total',
    'Times that versions of a type went back: the API server has a different history',
    ['type'],
    ofEach(({ histories }) => [[histories]]),
  );
  counter(
    'verifications_total',
    'Types compared with the API server by names, UIDs and versions, by result',
    ['result'],
    () => {
      const { equal = 0, repaired = 0, unrepaired = 0, failed = 0 } = reflectors.health().verifications ?? {};
      return Object.entries({ equal, repaired, unrepaired, failed }).map(([result, n]): Sample => [n, { result }]);
    },
  );
  counter('verified_differences_total', 'Objects that a verification found to differ', [], () => [
    [reflectors.health().verifications?.differences ?? 0],
  ]);
}

function addWatches({ gauge, counter }: Adders, ofEach: OfEach): void {
  counter(
    'watches_total',
    'Watches by type and result',
    ['type', 'result'],
    ofEach(({ watches }) => resultsOf(watches)),
  );
  counter(
    'events_total',
    'Events of watches by type',
    ['type'],
    ofEach(({ events }) => [[events]]),
  );
  counter(
    'failed_events_total',
    'Events that were invalid (garbled: read again) or could not be stored (unkept), by type',
    ['type', 'reason'],
    ofEach(({ garbled, unkept }) => [
      [garbled, { reason: 'garbled' }],
      [unkept, { reason: 'unkept' }],
    ]),
  );
  counter(
    'reconnects_total',
    'Watches resumed where they broke off, by type',
    ['type'],
    ofEach(({ reconnects }) => [[reconnects]]),
  );
  counter(
    'expired_watches_total',
    'Watches whose version the API server had forgotten (410), so that the type was listed again',
    ['type'],
    ofEach(({ expired }) => [[expired]]),
  );
  gauge(
    'last_event_timestamp_seconds',
    'Time of the last event or bookmark of a type',
    ['type'],
    ofEach(({ lastEventAt }) => (lastEventAt === undefined ? [] : [[lastEventAt / 1000]])),
  );
}

function addConnections({ gauge }: Adders, { connections }: MetricsSources): void {
  gauge(
    'connection_series',
    'Series of agents that tell of connections, in the last answer, by what became of them',
    ['source', 'outcome'],
    () => connections().map(({ source, outcome, series }) => [series, { source, outcome }] as const),
  );
}

function addMinions({ gauge }: Adders, { collector, certificateEnd }: MetricsSources): void {
  gauge('minion_up', 'Whether the minion of a node answers', ['node'], () =>
    collector.status().map(({ node, state }): Sample => [state === 'synced' || state === 'partly' ? 1 : 0, { node }]),
  );
  gauge('minion_call_seconds', 'Duration of the last call to a minion', ['node'], () =>
    collector.status().flatMap(({ node, took }): Sample[] => (took === undefined ? [] : [[took / 1000, { node }]])),
  );
  const help =
    "When certificates expire: the served one (server), the first of the minions' (minions), and the authority they are checked against (minion_ca)";
  gauge('certificate_end_timestamp_seconds', help, ['of'], () => {
    const { minions, ca } = collector.certificateEnds();
    const ends = { server: certificateEnd(), minions, minion_ca: ca };
    return Object.entries(ends).flatMap(([of, end]): Sample[] => (end === undefined ? [] : [[end / 1000, { of }]]));
  });
}

function addFindings({ gauge }: Adders, { findings }: MetricsSources): void {
  gauge(
    'findings',
    'Findings by name, class, severity and whether they are accepted; names without findings are left out',
    ['finding', 'class', 'severity', 'accepted'],
    () => {
      const counts = new Map<string, Sample>();
      for (const { name, class: of, severity, accepted } of findings.all()) {
        const labels = { finding: name, class: of, severity, accepted: String(accepted !== undefined) };
        const key = JSON.stringify(labels);
        counts.set(key, [(counts.get(key)?.[0] ?? 0) + 1, labels]);
      }
      return [...counts.values()];
    },
  );
  gauge('findings_undecided', 'Resources for which a finding could not be decided, by its name', ['finding'], () => {
    const counts = new Map<string, number>();
    for (const { name, count } of findings.undecided()) counts.set(name, (counts.get(name) ?? 0) + count);
    return [...counts].map(([finding, count]): Sample => [count, { finding }]);
  });
  gauge('findings_settled', 'Whether everything has been looked at once', [], () => [[findings.settled ? 1 : 0]]);
  gauge('findings_advice', 'Whether advice is being computed; otherwise it is not counted', [], () => [
    [findings.keepsAdvice ? 1 : 0],
  ]);
}

const measuredApart = new Set(['kinds', 'minions']);

function addOthers({ gauge }: Adders, { graph }: GraphSources): void {
  const help = 'State of each source other than the API server and the minions; 1 for its current state';
  gauge('source_state', help, ['family', 'name', 'state'], () =>
    [...graph.families()]
      .filter((family) => !measuredApart.has(family))
      .flatMap((family) => [...graph.sources(family)].map(([name, { state }]): Sample => [1, { family, name, state }])),
  );
}

function byType(counts: ReadonlyMap<string, number>): Sample[] {
  return [...counts].map(([type, count]) => [count, { type }]);
}
