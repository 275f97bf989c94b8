// Assembles the collector from the settings; called by start.ts.
import { sleep } from '../../../src/backoff.ts';
import { monotonicClock } from '../../../src/clock.ts';
import type { Logger } from '../../../src/logger.ts';
import { snapshotLimits } from '../../../src/minion-api.ts';
import type { Config } from '../../../src/settings/config.ts';
import { type Collector, type CollectorOptions, createCollector } from './collector.ts';
import { type CredentialFiles, createCredentials } from './credentials.ts';
import { createMinionReader } from './minion-reader.ts';
import { createMinions, type PodSource, schemeOf, type TlsChoice } from './minions.ts';
import type { RuntimeSink } from './sink.ts';
import { type CertificateEnds, createTransport } from './transport.ts';

export type RuntimeSettings = CredentialFiles &
  TlsChoice &
  Pick<Config, 'minions' | 'refresh' | 'minionDropAfter' | 'keepValues'>;

export interface OpenOptions {
  readonly config: RuntimeSettings;
  /** Required if the choice of minions is `auto`. */
  readonly pods?: PodSource;
  readonly sink: RuntimeSink;
  readonly logger: Logger;
  /** For tests: overrides the collector's options. */
  readonly replace?: Partial<CollectorOptions> & { readonly limit?: number };
}

export interface RuntimeCollector extends Collector {
  certificateEnds(): CertificateEnds;
}

const slowest = 5000;

/** Returns it unstarted. */
export function openCollector({ config, pods, sink, logger, replace = {} }: OpenOptions): RuntimeCollector {
  const clock = replace.clock ?? monotonicClock;
  const credentials = createCredentials(config, clock);
  const transport = createTransport(credentials);
  const reading = {
    transport,
    credentials,
    limit: replace.limit ?? snapshotLimits.bytes,
    keepValues: config.keepValues,
    clock,
  };
  const collector = createCollector({
    minions: createMinions({ choice: config.minions, ...(pods ? { pods } : {}), ...schemeOf(config) }),
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
    certificateEnds: () => transport.certificateEnds(),
    async close() {
      await collector.close();
      transport.close();
    },
  };
}
