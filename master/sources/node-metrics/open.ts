// Opens the reading of numbers where no minion tells them.
import { sleep } from '../../../src/backoff.ts';
import type { Clock } from '../../../src/clock.ts';
import type { Logger } from '../../../src/logger.ts';
import type { Config } from '../../../src/settings/config.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { Client } from '../kubernetes/client.ts';
import type { Source } from '../source.ts';
import { NumbersSink, type NumbersSinkOptions } from './numbers-sink.ts';
import { kubeletRounds, metricsServerRounds, type RoundsOptions, type Tell } from './rounds.ts';

export interface NodeMetricsOptions extends Pick<NumbersSinkOptions, 'series' | 'told' | 'containers' | 'onNumbers'> {
  readonly config: Pick<Config, 'metricsFrom' | 'metricsPeriod' | 'namespaces'>;
  readonly client: Pick<Client, 'stream' | 'get'>;
  readonly graph: Pick<GraphReader, 'get' | 'members'>;
  readonly tell: Tell;
  readonly logger: Pick<Logger, 'error'>;
  /** Waits for the graph, which says what the values belong to. */
  readonly synced: Promise<void>;
  readonly clock?: Clock;
}

/** metrics-server also where kubelets are asked: for nodes whose kubelet does not answer. */
const asking: { readonly [from in Config['metricsFrom']]: readonly ((options: RoundsOptions) => Promise<void>)[] } = {
  off: [],
  'metrics-server': [metricsServerRounds],
  kubelet: [kubeletRounds, metricsServerRounds],
};

/** The graph does not wait for it: numbers are not part of it. */
export function openNodeMetrics(options: NodeMetricsOptions): Source {
  const { config, client, graph, tell, logger, synced, clock = Date.now } = options;
  const ending = new AbortController();
  const { signal } = ending;
  let running: Promise<unknown> = Promise.resolve();
  const begin = async () => {
    await Promise.race([synced, once(signal)]);
    if (signal.aborted) return;
    const sink = new NumbersSink({ ...options, clock });
    const nodes = () => [...graph.members('Node', '')].map(({ name }) => name).toSorted();
    const deadline = (ms: number) => AbortSignal.timeout(ms);
    const { namespaces, metricsPeriod: period } = config;
    const parts = { client, sink, told: options.told, nodes, namespaces, tell, period, signal, sleep, deadline };
    await Promise.all(asking[config.metricsFrom].map((ask) => ask(parts)));
  };
  return {
    family: 'numbers',
    name: 'nodes',
    start() {
      running = begin().catch((err: unknown) => signal.aborted || logger.error({ err }, 'numbers are not asked for'));
    },
    health: () => ({ waitingFor: undefined }),
    async close() {
      ending.abort();
      await running;
    },
  };
}

/** Resolves when the signal aborts. */
function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
