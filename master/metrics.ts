// What can be seen of the master itself: the graph's size, how each kind and minion stands, and how the process does.
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { CompressionStats } from './compression/compress.ts';
import type { GraphReader } from './graph/engine.ts';
import type { Reflectors } from './kubernetes/reflectors.ts';
import { measureEventLoop, measureHeap } from './process-metrics.ts';
import { registerRequestMetrics } from './request-metrics.ts';
import type { Build } from './routes/route.ts';
import type { Collector } from './runtime/collector.ts';

export interface MetricsSources {
  readonly graph: GraphReader;
  readonly reflectors: Reflectors;
  readonly collector: Collector;
  readonly build: Build;
  readonly compression: () => CompressionStats;
  /** Objects nothing could be made of, and rules that failed on an object. */
  readonly problems: () => { readonly refused: number; readonly ruleFailures: number };
}

const prefix = 'cluster_insight_';

export function createMetrics({
  graph,
  reflectors,
  collector,
  build,
  compression,
  problems,
}: MetricsSources): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  measureEventLoop(registry);
  measureHeap(registry);
  registerRequestMetrics(registry);
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    collect: (this: Gauge<L>) => void,
  ) => new Gauge({ name: prefix + name, help, labelNames, registers: [registry], collect });

  gauge('build_info', 'What runs; always 1', ['version', 'revision', 'node'], function () {
    this.set({ version: build.version, revision: build.revision ?? '', node: process.version }, 1);
  });
  gauge('resources', 'Resources in the graph by type, placeholders not counted', ['type'], function () {
    this.reset();
    for (const [type, count] of graph.counts()) this.set({ type }, count);
  });
  gauge('relations', 'Relations in the graph', [], function () {
    this.set(graph.relations);
  });
  gauge('revision', 'Revision of the graph', [], function () {
    this.set(graph.revision);
  });
  gauge('stored_bytes', 'Serialized objects: in use, and held of the operating system', ['state'], function () {
    const { live, held } = graph.bytes.size();
    this.set({ state: 'live' }, live);
    this.set({ state: 'held' }, held);
  });
  gauge('resource_bytes', 'Bytes of the serialized resources by type', ['type'], function () {
    this.reset();
    for (const [type, bytes] of graph.bytesByType()) this.set({ type }, bytes);
  });
  gauge('change_log', 'The log that watchers resume from', ['of'], function () {
    const { changes, bytes, followers } = graph.changes.size();
    this.set({ of: 'changes' }, changes);
    this.set({ of: 'bytes' }, bytes);
    this.set({ of: 'followers' }, followers);
  });
  gauge('captures', 'Answers being read that hold a past revision', [], function () {
    this.set(graph.captures.readers);
  });
  gauge('captures_total', 'Answers that held a revision while they were read', [], function () {
    this.set(graph.captures.generation);
  });
  gauge(
    'copies_total',
    'Lists that were copied before they changed, because a past revision is being read',
    [],
    function () {
      this.set(graph.captures.copies);
    },
  );
  gauge(
    'compression_cache',
    'Compressed parts of answers: found, made, and the bytes that are kept',
    ['of'],
    function () {
      const { hits, misses, bytes } = compression();
      this.set({ of: 'hits' }, hits);
      this.set({ of: 'misses' }, misses);
      this.set({ of: 'bytes' }, bytes);
    },
  );
  gauge('kind_state', 'How each kind that is read stands; 1 for the state it is in', ['type', 'state'], function () {
    this.reset();
    for (const [type, { state }] of graph.kinds()) this.set({ type, state }, 1);
  });
  gauge('lists_total', 'Lists by type and result', ['type', 'result'], function () {
    this.reset();
    for (const [type, { lists }] of Object.entries(reflectors.health().kinds)) {
      for (const [result, count] of Object.entries(lists)) this.set({ type, result }, count);
    }
  });
  gauge('watches_total', 'Watches by type and result', ['type', 'result'], function () {
    this.reset();
    for (const [type, { watches }] of Object.entries(reflectors.health().kinds)) {
      for (const [result, count] of Object.entries(watches)) this.set({ type, result }, count);
    }
  });
  gauge('events_total', 'Events of watches by type', ['type'], function () {
    this.reset();
    for (const [type, { events }] of Object.entries(reflectors.health().kinds)) this.set({ type }, events);
  });
  gauge('reconnects_total', 'Watches begun again from where they broke off, by type', ['type'], function () {
    this.reset();
    for (const [type, { reconnects }] of Object.entries(reflectors.health().kinds)) this.set({ type }, reconnects);
  });
  gauge('last_event_timestamp_seconds', 'When the last event or bookmark of a type came', ['type'], function () {
    this.reset();
    for (const [type, { lastEventAt }] of Object.entries(reflectors.health().kinds)) {
      if (lastEventAt !== undefined) this.set({ type }, lastEventAt / 1000);
    }
  });
  gauge('minion_up', 'Whether the minion of a node answers', ['node'], function () {
    this.reset();
    for (const { node, state } of collector.status()) this.set({ node }, state === 'synced' ? 1 : 0);
  });
  gauge('minion_call_milliseconds', 'How long the last call to a minion took', ['node'], function () {
    this.reset();
    for (const { node, took } of collector.status()) if (took !== undefined) this.set({ node }, took);
  });
  gauge('problems_total', 'Objects that were refused, and rules that failed on an object', ['what'], function () {
    const { refused, ruleFailures } = problems();
    this.set({ what: 'refused_object' }, refused);
    this.set({ what: 'failed_rule' }, ruleFailures);
  });
  return registry;
}
