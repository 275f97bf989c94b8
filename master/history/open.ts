// Opens history: the folder, the threads once the graph is complete, and the interface for routes. The recording code is loaded
// only then, so as not to delay the start.
import { join } from 'node:path';
import type { Registry } from 'prom-client';
import { sleep } from '../../src/backoff.ts';
import { type Clock, steadyClock } from '../../src/clock.ts';
import { fault } from '../../src/errors.ts';
import type { Logger } from '../../src/logger.ts';
import { repeat } from '../../src/repeat.ts';
import type { Config } from '../../src/settings/config.ts';
import type { Rights } from '../access/auth/rights.ts';
import type { Graph } from '../build-graph.ts';
import type { Subscriptions } from '../graph/subscription.ts';
import type { Kind } from '../kinds/kind.ts';
import { typeOfKind } from '../kinds/lookup.ts';
import type { Sink } from '../sources/kubernetes/sink.ts';
import { memoryLimit } from '../telemetry/process-metrics.ts';
import { sampledMetrics } from '../telemetry/sampled-metrics.ts';
import { turns } from '../turns.ts';
import type { Dropped } from './earlier-segments.ts';
import type { History, RecordedHistory } from './history.ts';
import { identityIn, whyNotWritable } from './identity.ts';
import { eventRecords } from './kept-events.ts';
import type { Recorder, RecorderTimes } from './recorder.ts';
import { noteRelists } from './relists.ts';
import type { Limits } from './retention.ts';
import type { Sharing, SharingTimes } from './sharing.ts';
import type { Threads } from './threads.ts';
import type { VisibleHistory } from './visible-history.ts';

export interface HistorySettings {
  readonly config: Pick<Config, 'history' | 'historySize' | 'historyDir' | 'historyShared' | 'keepValues' | 'auth'>;
  readonly clusterName: string;
  readonly logger: Logger;
  /** UID of Namespace kube-system, if readable. Requested only for a folder. */
  readonly clusterUid: () => Promise<string | undefined>;
}

/** Location and owner of the history. */
export interface HistoryPlace {
  readonly folder: string | undefined;
  readonly cluster: string;
}

/** The parts of a graph that are recorded. */
export type RecordedGraph = Pick<Graph, 'engine' | 'mirror' | 'engineOptions'>;

/** Milliseconds. */
const patience = 2_000;
/** Milliseconds between two looks whether the folder is free. */
const again = 1_000;
/** Without a folder, the share of the process's memory that history may take, and the bytes that it may always take. */
const share = 1 / 8;
const leastInMemory = 64 << 20;
/** Milliseconds after which the thread that reads ends if nobody asked, at the latest twice as many. */
const restPeriod = 300_000;

/**
 * Undefined without history.
 * @throws Fault `bad_setting` if the folder belongs to another cluster.
 */
export async function placeOfHistory(settings: HistorySettings): Promise<HistoryPlace | undefined> {
  const { config, clusterName, logger } = settings;
  const { historyDir } = config;
  if (config.history === 0) return undefined;
  if (historyDir === undefined) return { folder: undefined, cluster: clusterName };
  const why = whyNotWritable(historyDir);
  if (why === undefined)
    return { folder: historyDir, cluster: identityIn(historyDir, await settings.clusterUid(), clusterName) };
  logger.warn(`history is kept in memory, and ends with the process: ${why}`);
  return { folder: undefined, cluster: clusterName };
}

export interface OpenHistoryOptions {
  readonly place: HistoryPlace;
  readonly config: HistorySettings['config'];
  readonly epoch: string;
  /** That of the graph, which never goes back; the system's own by default. */
  readonly clock?: Clock;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly times?: Partial<RecorderTimes>;
  readonly sharingTimes?: Partial<SharingTimes>;
  /** Maximum resources in a past graph. */
  readonly most?: number;
  /** Maximum resources that one question may visit. */
  readonly mostWalked?: number;
  /** For tests: eight bytes with milliseconds that are added to the clock of the threads. */
  readonly offset?: SharedArrayBuffer;
  /** Memory limit of the process in bytes; by default that of the machine or container. */
  readonly memory?: number;
}

/** History of a graph that may be incomplete; empty until it is complete. */
export class OpenedHistory {
  readonly #options: OpenHistoryOptions;
  readonly #clock: Clock;
  readonly #wall: Clock;
  #graph: RecordedGraph | undefined;
  #started: Promise<void> | undefined;
  #threads: Threads | undefined;
  #sharing: Sharing | undefined;
  #recorder: Recorder | undefined;
  #recorded: RecordedHistory | undefined;
  #unmirror: (() => void) | undefined;
  #unrest: (() => void) | undefined;
  #subscriptions: Subscriptions | undefined;
  #closed = false;
  readonly #closing = new AbortController();
  #waits = false;

  constructor(options: OpenHistoryOptions) {
    this.#options = options;
    this.#clock = options.clock ?? steadyClock(Date.now);
    const { offset } = options;
    this.#wall = offset ? () => Date.now() + (new Float64Array(offset)[0] ?? 0) : Date.now;
    addMetrics(
      options.metrics,
      () => this.#recorder,
      () => this.#sharing?.counts(),
      this.#wall,
    );
  }

  /** Wraps a kind's sink to record what lists found. */
  observe(sink: Sink, kind: Kind, graph: Graph): Sink {
    const type = typeOfKind(kind);
    return noteRelists(sink, {
      type,
      revision: () => graph.engine.revision,
      clock: this.#clock,
      tell: (revision, relist) => this.#recorder?.noteRelist(revision, relist),
      ...(type === 'Event'
        ? {
            see: (event) => {
              for (const each of eventRecords(event, graph.names.clusterScoped)) this.#recorder?.noteEvent(each);
            },
          }
        : {}),
    });
  }

  /** Call when the graph is complete. Resolves when the first keyframe is written or has failed. */
  start(graph: RecordedGraph): Promise<void> {
    this.#started = this.#start(graph);
    return this.#started;
  }

  async #start(graph: RecordedGraph): Promise<void> {
    const { place, config, epoch, logger, offset } = this.#options;
    const clock = this.#clock;
    const { folder, cluster } = place;
    const inMemory = Math.max(leastInMemory, (this.#options.memory ?? memoryLimit()) * share);
    const bytes = folder === undefined ? Math.min(config.historySize, inMemory) : config.historySize;
    const limits = { age: config.history, bytes };
    this.#graph = graph;
    const [{ openThreads }, { Recorder }, { RecordedHistory }, { Subscriptions }] = await Promise.all([
      import('./threads.ts'),
      import('./recorder.ts'),
      import('./history.ts'),
      import('../graph/subscription.ts'),
    ]);
    if (this.#closed) return;
    const threads = openThreads({
      folder,
      cluster,
      keepsValues: config.keepValues,
      limits,
      isShared: config.historyShared !== undefined,
      ...(offset && { offset }),
    });
    this.#threads = threads;
    this.#unrest = repeat(restPeriod, () => threads.rest(), logger);
    this.#sharing = await this.#share(limits);
    const dropped = await this.#takeFolder(threads);
    if (dropped === undefined || this.#closed) return;
    for (const { segment, reason } of dropped) logger.warn(`history of ${segment} was dropped: ${reason}`);
    this.#subscriptions = new Subscriptions(graph.engine);
    const recorder = new Recorder({
      graph: graph.engine,
      subscriptions: this.#subscriptions,
      thread: threads.writer,
      epoch,
      references: config.auth === 'kubernetes',
      turns,
      clock,
      logger,
      ...(this.#options.times ? { times: this.#options.times } : {}),
    });
    this.#recorder = recorder;
    this.#unmirror = graph.mirror?.follow((told) => {
      for (const each of told)
        if (each.what === 'key') recorder.noteName([`${each.index} ${each.key}`, each.id ?? null]);
    }, false);
    const { clusterName, rules, virtualTypes, retention } = likeOf(graph);
    this.#recorded = new RecordedHistory({
      recorder,
      thread: threads.reader,
      place: folder === undefined ? 'memory' : 'folder',
      limits,
      graph: { clusterName, rules, virtualTypes, retention },
      turns,
      clock,
      wall: this.#wall,
      ...(this.#options.most ? { most: this.#options.most } : {}),
      ...(this.#options.mostWalked ? { mostWalked: this.#options.mostWalked } : {}),
    });
    await recorder.start();
  }

  /** Undefined without a shared folder, or without one of our own. */
  async #share(limits: Limits): Promise<Sharing | undefined> {
    const { place, config, logger, sharingTimes } = this.#options;
    const { folder: own, cluster } = place;
    if (config.historyShared === undefined) return undefined;
    if (own === undefined) {
      logger.warn('no history is shared: there is no folder for it here');
      return undefined;
    }
    const { Sharing } = await import('./sharing.ts');
    // Names of clusters and UIDs may contain what a path must not.
    const shared = join(config.historyShared, encodeURIComponent(cluster));
    return new Sharing({ own, shared, cluster, keepsValues: config.keepValues, limits }, logger, sharingTimes);
  }

  /**
   * Waits until no other process writes there: one that ends a moment later, where this one takes its place. Undefined if closed
   * before.
   */
  async #takeFolder(threads: Threads): Promise<readonly Dropped[] | undefined> {
    const { logger, place } = this.#options;
    while (!this.#closed) {
      // Before it is looked through: history goes on after what is taken.
      if (this.#sharing && (await threads.writer.ask('claim', undefined))) await this.#sharing.take();
      const dropped = await threads.writer.ask('open', undefined);
      if (dropped !== undefined) {
        this.#waits = false;
        return dropped;
      }
      if (!this.#waits)
        logger.warn(`history begins when ${place.folder} is free: another process keeps its history there`);
      this.#waits = true;
      await sleep(again, this.#closing.signal);
    }
    return undefined;
  }

  /** For callers who may see everything. */
  whole(): History {
    return {
      at: async (asked, reach) => (await this.#known()).at(asked, reach),
      walk: async (asked) => (await this.#known()).walk(asked),
      texts: async (asked) => (await this.#known()).texts(asked),
      difference: async (asked) => (await this.#known()).difference(asked),
      differenceTexts: async (asked) => (await this.#known()).differenceTexts(asked),
      life: async (id, span) => (await this.#known()).life(id, span),
      timeline: async (span, buckets) => (await this.#known()).timeline(span, buckets),
      overview: async () => (await this.#known()).overview(),
    };
  }

  /** For callers with these rights. */
  visible(rights: Rights): History {
    return {
      at: async (asked) => (await this.#seen(rights)).at(asked),
      walk: async (asked) => (await this.#seen(rights)).at(asked),
      texts: async () => (await this.#seen(rights)).texts(),
      difference: async (asked) => (await this.#seen(rights)).difference(asked),
      differenceTexts: async () => (await this.#seen(rights)).differenceTexts(),
      life: async (id, span) => (await this.#seen(rights)).life(id, span),
      timeline: async (span, buckets) => (await this.#seen(rights)).timeline(span, buckets),
      overview: async () => (await this.#seen(rights)).overview(),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.abort();
    this.#unmirror?.();
    this.#unrest?.();
    await this.#recorder?.close();
    this.#subscriptions?.close();
    await this.#threads?.close();
    await this.#sharing?.close();
  }

  async #seen(rights: Rights): Promise<VisibleHistory> {
    const whole = await this.#known();
    const { engine: main, engineOptions } = this.#graph as RecordedGraph;
    const { VisibleHistory } = await import('./visible-history.ts');
    return new VisibleHistory({ whole, rights, main, engineOptions, turns });
  }

  /** Requests during the first keyframe wait for it briefly. */
  async #known(): Promise<RecordedHistory> {
    if (this.#started && !this.#waits && this.#recorder?.state.state !== 'recording')
      await Promise.race([this.#started, new Promise((resolve) => setTimeout(resolve, patience).unref())]);
    if (this.#recorded) return this.#recorded;
    const reason = this.#waits ? 'another process keeps its history in the same folder' : undefined;
    throw fault('history_off', { reason: reason ?? 'it begins when the first sync is done' });
  }
}

function likeOf({ engine, engineOptions }: RecordedGraph) {
  const { clusterName, rules, virtualTypes } = engineOptions;
  return { clusterName, rules, virtualTypes, retention: engine.openSnapshots.retention };
}

function addMetrics(
  metrics: Registry,
  recorder: () => Recorder | undefined,
  shared: () => ReturnType<Sharing['counts']> | undefined,
  wall: Clock,
): void {
  const counts = () => recorder()?.counts();
  const { gauge, counter } = sampledMetrics(metrics);
  counter('history_revisions_total', 'Revisions written to history', [], () => [[counts()?.revisions ?? 0]]);
  counter('history_gaps_total', 'Times that history went on with a gap', [], () => [[counts()?.gaps ?? 0]]);
  counter('history_failures_total', 'Times that history stopped, of a full disk for example', [], () => [
    [counts()?.failures ?? 0],
  ]);
  gauge('history_ahead_seconds', 'What is recorded is ahead of the clock, which was set back', [], () => [
    [Math.max(0, (recorder()?.end ?? 0) - wall()) / 1000],
  ]);
  gauge(
    'history_clock_ahead_seconds',
    'The clock is ahead of where it was expected: what that makes too old is kept until it has stayed there for an hour',
    [],
    () => [[(recorder()?.clockAhead ?? 0) / 1000]],
  );
  gauge('history_behind_bytes', 'Changes that are not written to history yet', [], () => [[counts()?.behind ?? 0]]);
  counter(
    'history_shared_total',
    'Segments taken from and given to the shared folder, refused there, and failures of it',
    ['what'],
    () => Object.entries(shared() ?? {}).map(([what, count]) => [count, { what }]),
  );
}
