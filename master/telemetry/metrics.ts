// What can be seen of the master itself: the graph's size, how each kind and minion stands, and how the process does.
// Names and units are those of https://prometheus.io/docs/practices/naming/.
import { collectDefaultMetrics, Histogram, type Registry } from 'prom-client';
import type { CompressionStats } from '../compression/compress.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Build } from '../routes/route.ts';
import type { ReflectorHealth } from '../sources/kubernetes/reflector.ts';
import type { Reflectors } from '../sources/kubernetes/reflectors.ts';
import type { Collector } from '../sources/runtime/collector.ts';
import { measureEventLoop, measureMemory } from './process-metrics.ts';
import { lags, readingMetrics } from './reading-metrics.ts';
import { registerRequestMetrics } from './request-metrics.ts';
import { type Sample, sampledMetrics } from './sampled-metrics.ts';

export interface MetricsSources {
  readonly graph: GraphReader;
  readonly reflectors: Reflectors;
  readonly collector: Collector;
  readonly build: Build;
  readonly compression: () => CompressionStats;
  /** Objects nothing could be made of, and rules that failed on an object. */
  readonly problems: () => { readonly refused: number; readonly ruleFailures: number };
}

/** To be told, in seconds, how long after its bytes had been read each event was in the graph. */
export function createEventLag(registry: Registry): (lag: number) => void {
  const histogram = new Histogram({
    name: 'cluster_insight_event_lag_seconds',
    help: 'From the moment the bytes of a watch event were read to the end of the transaction that shows it',
    buckets: lags,
    registers: [registry],
  });
  return (lag) => histogram.observe(lag);
}

export function addMetrics(registry: Registry, sources: MetricsSources): void {
  collectDefaultMetrics({ register: registry });
  measureEventLoop(registry);
  measureMemory(registry);
  registerRequestMetrics(registry);
  readingMetrics(registry);
  const add = sampledMetrics(registry);
  addGraph(add, sources);
  addReading(add, sources);
  addKinds(add, sources);
  addMinions(add, sources);
}

type Adders = ReturnType<typeof sampledMetrics>;

function addGraph({ gauge, counter }: Adders, { graph, build, problems }: MetricsSources): void {
  gauge('build_info', 'What runs; always 1', ['version', 'revision', 'node'], () => [
    [1, { version: build.version, revision: build.revision ?? '', node: process.version }],
  ]);
  gauge('resources', 'Resources in the graph by type, placeholders not counted', ['type'], () =>
    byType(graph.counts()),
  );
  gauge('relations', 'Relations in the graph by type', ['type'], () => byType(graph.relationCounts()));
  gauge('revision', 'Revision of the graph', [], () => [[graph.revision]]);
  gauge('resource_bytes', 'Bytes of the serialized resources by type', ['type'], () => byType(graph.bytesByType()));
  gauge('stored_bytes', 'Serialized objects: in use, and held of the operating system', ['state'], () => {
    const { live, held } = graph.bytes.size();
    return [
      [live, { state: 'live' }],
      [held, { state: 'held' }],
    ];
  });
  gauge('change_log_revisions', 'Revisions in the log that watchers resume from', [], () => [
    [graph.changes.size().changes],
  ]);
  gauge('change_log_bytes', 'Bytes of the log that watchers resume from', [], () => [[graph.changes.size().bytes]]);
  counter('problems_total', 'Objects that were refused, and rules that failed on an object', ['what'], () => {
    const { refused, ruleFailures } = problems();
    return [
      [refused, { what: 'refused_object' }],
      [ruleFailures, { what: 'failed_rule' }],
    ];
  });
}

function addReading({ gauge, counter }: Adders, { graph, compression }: MetricsSources): void {
  gauge('open_captures', 'Answers being read that hold a past revision', [], () => [[graph.openSnapshots.readers]]);
  counter('captures_total', 'Answers that held a revision while they were read', [], () => [
    [graph.openSnapshots.generation],
  ]);
  counter(
    'copies_total',
    'Lists that were copied before they changed, because a past revision is being read',
    [],
    () => [[graph.openSnapshots.copies]],
  );
  gauge('past_held_bytes', 'Replaced texts that only readers of past revisions still hold, of all graphs', [], () => [
    [graph.openSnapshots.retention.held()],
  ]);
  gauge(
    'past_limit_bytes',
    'Replaced texts that may be held: from half of it no large answer is begun, beyond it readers are cut off',
    [],
    () => [[graph.openSnapshots.retention.most]],
  );
  counter(
    'compression_cache_requests_total',
    'Compressed parts of answers that were there already (hit) or had to be made (miss)',
    ['result'],
    () => {
      const { hits, misses } = compression();
      return [
        [hits, { result: 'hit' }],
        [misses, { result: 'miss' }],
      ];
    },
  );
  gauge('compression_cache_bytes', 'Compressed parts of answers that are kept', [], () => [[compression().bytes]]);
}

function addKinds({ gauge, counter }: Adders, { graph, reflectors }: MetricsSources): void {
  const ofEach = (samples: (health: ReflectorHealth) => Iterable<Sample>) => () =>
    Object.entries(reflectors.health().kinds).flatMap(([type, health]) =>
      [...samples(health)].map(([value, labels]): Sample => [value, { type, ...labels }]),
    );
  const results = (counts: { readonly ok: number; readonly failed: number }) =>
    Object.entries(counts).map(([result, count]): Sample => [count, { result }]);
  gauge('kind_state', 'How each kind that is read stands; 1 for the state it is in', ['type', 'state'], () =>
    [...graph.kinds()].map(([type, { state }]): Sample => [1, { type, state }]),
  );
  counter(
    'lists_total',
    'Lists by type and result',
    ['type', 'result'],
    ofEach(({ lists }) => results(lists)),
  );
  counter(
    'watches_total',
    'Watches by type and result',
    ['type', 'result'],
    ofEach(({ watches }) => results(watches)),
  );
  counter(
    'events_total',
    'Events of watches by type',
    ['type'],
    ofEach(({ events }) => [[events]]),
  );
  counter(
    'failed_events_total',
    'Events that were not understood (garbled: they are asked for again) or could not be kept (unkept), by type',
    ['type', 'reason'],
    ofEach(({ garbled, unkept }) => [
      [garbled, { reason: 'garbled' }],
      [unkept, { reason: 'unkept' }],
    ]),
  );
  counter(
    'reconnects_total',
    'Watches begun again from where they broke off, by type',
    ['type'],
    ofEach(({ reconnects }) => [[reconnects]]),
  );
  counter(
    'expired_watches_total',
    'Watches that the API server had forgotten the place of (410), so that the type was listed again',
    ['type'],
    ofEach(({ expired }) => [[expired]]),
  );
  gauge(
    'last_event_timestamp_seconds',
    'When the last event or bookmark of a type came',
    ['type'],
    ofEach(({ lastEventAt }) => (lastEventAt === undefined ? [] : [[lastEventAt / 1000]])),
  );
}

function addMinions({ gauge }: Adders, { collector }: MetricsSources): void {
  gauge('minion_up', 'Whether the minion of a node answers', ['node'], () =>
    collector.status().map(({ node, state }): Sample => [state === 'synced' ? 1 : 0, { node }]),
  );
  gauge('minion_call_seconds', 'How long the last call to a minion took', ['node'], () =>
    collector.status().flatMap(({ node, took }): Sample[] => (took === undefined ? [] : [[took / 1000, { node }]])),
  );
}

function byType(counts: ReadonlyMap<string, number>): Sample[] {
  return [...counts].map(([type, count]) => [count, { type }]);
}
