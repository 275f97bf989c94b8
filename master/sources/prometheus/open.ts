// Opens the Prometheus that is configured for numbers: what it is asked by users, and what it is asked for right-sizing.
import { sleep } from '../../../src/backoff.ts';
import type { Clock } from '../../../src/clock.ts';
import type { Logger } from '../../../src/logger.ts';
import type { SourceState } from '../../../src/model.ts';
import type { Config } from '../../../src/settings/config.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { PastNumbers } from '../../series/past-numbers.ts';
import { PastUse, type PastUseReader } from '../../series/past-use.ts';
import { turns } from '../../turns.ts';
import type { Source } from '../source.ts';
import { AskedNumbers } from './asked-numbers.ts';
import { openPrometheus, type Prometheus } from './prometheus.ts';
import { useRounds } from './use-rounds.ts';

export interface PrometheusOptions {
  readonly config: Pick<
    Config,
    | 'prometheusUrl'
    | 'prometheusMatch'
    | 'prometheusTokenFile'
    | 'prometheusUsername'
    | 'prometheusPasswordFile'
    | 'prometheusCaFile'
    | 'sizingWindow'
  >;
  readonly graph: Pick<GraphReader, 'members' | 'namespacesOf'>;
  readonly tell: (state: SourceState['state'], reason?: string) => void;
  readonly logger: Pick<Logger, 'error'>;
  readonly synced: Promise<void>;
  readonly clock?: Clock;
}

export interface PrometheusSource {
  readonly source: Source;
  readonly numbers: PastNumbers;
  /** Undefined where the last hour alone is looked at. */
  readonly use: PastUseReader | undefined;
}

const timeout = 20_000;

/** Undefined if none is configured. @throws Fault `credentials_unreadable`. */
export function openPrometheusSource(options: PrometheusOptions): PrometheusSource | undefined {
  const { config, clock = Date.now } = options;
  if (config.prometheusUrl === undefined) return undefined;
  const ending = new AbortController();
  const credentials = {
    bearerTokenFile: config.prometheusTokenFile,
    username: config.prometheusUsername,
    passwordFile: config.prometheusPasswordFile,
    caFile: config.prometheusCaFile,
  };
  const place = { prometheus: new URL(config.prometheusUrl), credentials, timeout };
  const prometheus = openPrometheus(place, ending.signal);
  const match = config.prometheusMatch ?? '';
  const use = config.sizingWindow === 0 ? undefined : new PastUse();
  return {
    numbers: new AskedNumbers({ prometheus, match, clock }),
    use,
    source: sourceOf({ ...options, clock }, { prometheus, use, match, ending }),
  };
}

interface Opened {
  readonly prometheus: Prometheus;
  readonly use: PastUse | undefined;
  readonly match: string;
  readonly ending: AbortController;
}

/** The graph does not wait for it: numbers are not part of it. */
function sourceOf(
  { config, graph, tell, logger, synced, clock = Date.now }: PrometheusOptions,
  { prometheus, use, match, ending }: Opened,
): Source {
  const { signal } = ending;
  let running: Promise<unknown> = Promise.resolve();
  const begin = async (past: PastUse) => {
    const gone = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([synced, gone]);
    const window = config.sizingWindow;
    const run: Parameters<typeof useRounds>[0]['run'] = (steps) => turns.run(steps, signal);
    if (!signal.aborted)
      await useRounds({ prometheus, graph, use: past, match, window, run, tell, clock, signal, sleep });
  };
  return {
    family: 'prometheus',
    name: 'prometheus',
    start() {
      if (use === undefined) return;
      running = begin(use).catch((err: unknown) => signal.aborted || logger.error({ err }, 'weeks are not asked for'));
    },
    health: () => ({ waitingFor: undefined }),
    async close() {
      ending.abort();
      await running;
      prometheus.close();
    },
  };
}
