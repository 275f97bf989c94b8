// Puts the collector together from the settings: what start.ts calls.
import { sleep } from '../../../src/backoff.ts';
import type { Logger } from '../../../src/logger.ts';
import { snapshotLimits } from '../../../src/minion-api.ts';
import type { Config } from '../../../src/settings/config.ts';
import { type Collector, type CollectorOptions, createCollector } from './collector.ts';
import { type CredentialFiles, createCredentials } from './credentials.ts';
import { createMinionReader } from './minion-reader.ts';
import { createMinions, type PodSource } from './minions.ts';
import type { RuntimeSink } from './sink.ts';
import { createTransport } from './transport.ts';

export type RuntimeSettings = CredentialFiles & Pick<Config, 'minions' | 'refresh' | 'minionDropAfter' | 'keepValues'>;

export interface OpenOptions {
  readonly config: RuntimeSettings;
  /** Where the choice of minions is `auto`. */
  readonly pods?: PodSource;
  readonly sink: RuntimeSink;
  readonly logger: Logger;
  /** For tests: any of the collector's own options. */
  readonly replace?: Partial<CollectorOptions> & { readonly limit?: number };
}

const slowest = 5000;

/** Not started yet. */
export function openCollector({ config, pods, sink, logger, replace = {} }: OpenOptions): Collector {
  const clock = replace.clock ?? Date.now;
  const credentials = createCredentials(config, clock);
  const transport = createTransport(credentials);
  const reading = {
    transport,
    credentials,
    limit: replace.limit ?? snapshotLimits.bytes,
    keepValues: config.keepValues,
    clock,
  };
  const scheme = config.minionCaFile === undefined ? 'http' : 'https';
  const collector = createCollector({
    minions: createMinions({ choice: config.minions, ...(pods ? { pods } : {}), scheme }),
    open: (minion) => createMinionReader(minion, reading),
    sink,
    logger,
    refresh: config.refresh,
    dropAfter: config.minionDropAfter,
    timeout: slowest,
    atOnce: 256,
    clock,
    random: Math.random,
    sleep,
    deadline: (ms) => AbortSignal.timeout(ms),
    ...replace,
  });
  return {
    start: () => collector.start(),
    status: () => collector.status(),
    async close() {
      await collector.close();
      transport.close();
    },
  };
}
