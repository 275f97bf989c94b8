// Assembles the telemetry source, which queries the minions' probes with the runtime's collector.
import { sleep } from '../../../src/backoff.ts';
import { monotonicClock } from '../../../src/clock.ts';
import { getOrMake } from '../../../src/get-or-make.ts';
import type { Logger } from '../../../src/logger.ts';
import type { Config } from '../../../src/settings/config.ts';
import type { GraphReader, GraphWriter } from '../../graph/engine/engine.ts';
import type { Series } from '../../series/series.ts';
import { turns } from '../../turns.ts';
import { type Collector, createCollector } from '../runtime/collector.ts';
import { type CredentialFiles, createCredentials } from '../runtime/credentials.ts';
import { createMinions, type MinionSource, type PodSource, schemeOf, type TlsChoice } from '../runtime/minions.ts';
import { createTransport } from '../runtime/transport.ts';
import type { Source } from '../source.ts';
import { Addresses } from './addresses.ts';
import { StandingConnections } from './connections.ts';
import { createTelemetryReader } from './telemetry-reader.ts';
import { type ObservedContainers, TelemetrySink, type TelemetrySinkOptions } from './telemetry-sink.ts';

export interface TelemetrySourceOptions {
  readonly config: CredentialFiles & TlsChoice & Pick<Config, 'minions' | 'minionDropAfter' | 'metricsPeriod'>;
  readonly pods: PodSource;
  readonly graph: GraphReader;
  readonly writer: Pick<GraphWriter, 'transact' | 'annotate'>;
  readonly containers: ObservedContainers;
  readonly series: Series;
  readonly tell: TelemetrySinkOptions['tell'];
  readonly onNumbers?: TelemetrySinkOptions['onNumbers'];
  readonly logger: Logger;
  /** Minions are queried from then on. */
  readonly synced: Promise<void>;
}

const slowest = 10_000;

export interface TelemetrySource extends Source {
  /** The connections that probes see, by ids of resources. */
  connections(): { readonly source: string; readonly target: string; readonly via: string | undefined }[];
}

/** The graph does not wait for it: metrics are not part of it. */
export function openTelemetry(options: TelemetrySourceOptions): TelemetrySource {
  const ending = new AbortController();
  let running: Running | undefined;
  const { config, pods } = options;
  const minions = createMinions({ choice: config.minions, pods, ...schemeOf(config) });
  const begin = async () => {
    await options.synced;
    // Pod addresses are parsed again with each change: skipped if no minion reports connections.
    await firstOf(minions, ending.signal);
    if (ending.signal.aborted) return;
    const addresses = new Addresses(options.graph);
    await turns.run(addresses.fill(), ending.signal).catch((error: unknown) => {
      if (!ending.signal.aborted) throw error;
    });
    if (ending.signal.aborted) return addresses.close();
    running = collectorOf(options, minions, addresses);
    running.collector.start();
  };
  return {
    family: 'telemetry',
    name: 'minions',
    start: () =>
      void begin().catch((error: unknown) => options.logger.error({ err: error }, 'telemetry is not asked for')),
    health: () => ({ waitingFor: undefined }),
    connections: () => (running ? shownConnections(running.connections, options.containers) : []),
    async close() {
      ending.abort();
      await running?.collector.close();
      running?.close();
    },
  };
}

/** Resolves when there is a minion, or when `signal` aborts. */
function firstOf(minions: MinionSource, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (minions.minions().size === 0 && !signal.aborted) return;
      stop();
      resolve();
    };
    const stop = minions.onChange(look);
    signal.addEventListener('abort', look, { once: true });
    look();
  });
}

interface Running {
  readonly collector: Collector;
  readonly connections: StandingConnections;
  close(): void;
}

function shownConnections(standing: StandingConnections, containers: ObservedContainers) {
  const shown = new Map<string, ReadonlyMap<string, string>>();
  return [...standing.all()].flatMap(({ node, container, target, via }) => {
    const source = getOrMake(shown, node, () => containers.shownOn(node)).get(container);
    return source === undefined ? [] : [{ source, target, via }];
  });
}

function collectorOf(options: TelemetrySourceOptions, minions: MinionSource, addresses: Addresses): Running {
  const { config, series, containers, writer, tell, logger, onNumbers } = options;
  const transport = createTransport(createCredentials(config, monotonicClock));
  const connections = new StandingConnections({ addresses });
  const sink = new TelemetrySink({
    series,
    connections,
    containers,
    writer,
    tell,
    clock: Date.now,
    onNumbers,
  });
  const collector = createCollector({
    minions,
    open: (minion) => createTelemetryReader(minion, transport),
    sink,
    // The runtime source already logs minions found and lost.
    logger: logger.child({}, { level: 'error' }),
    refresh: config.metricsPeriod,
    dropAfter: config.minionDropAfter,
    timeout: slowest,
    atOnce: 64,
    clock: monotonicClock,
    random: Math.random,
    sleep,
    deadline: (ms) => AbortSignal.timeout(ms),
  });
  const close = () => {
    transport.close();
    addresses.close();
  };
  return { collector, connections, close };
}
