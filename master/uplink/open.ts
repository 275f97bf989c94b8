// Opens the uplink of a master: sends its graph, metrics, findings and log, and reviews callers for the gateway.
import type { Registry } from 'prom-client';
import { sleep } from '../../src/backoff.ts';
import type { Logger } from '../../src/logger.ts';
import { type OpenUplinkOptions, openUplink } from '../../src/uplink/open.ts';
import type { OpenSource } from '../../src/uplink/source.ts';
import type { Uplink } from '../../src/uplink/uplink.ts';
import type { FindingsDesk } from '../findings/desk.ts';
import type { InputLogOptions } from '../graph/replication/input-log.ts';
import type { SeriesReader } from '../series/series.ts';
import { addUplinkMetrics } from '../telemetry/uplink-metrics.ts';
import { FindingsSource } from './findings-source.ts';
import { GraphSource } from './graph-source.ts';
import { MetricsSource } from './metrics-source.ts';

export interface MasterUplinkOptions extends Omit<OpenUplinkOptions, 'sources'> {
  readonly metrics: Registry;
  readonly graph: InputLogOptions;
  readonly epoch: string;
  readonly series: SeriesReader;
  /** Opened and closed by the caller. */
  readonly findings: Pick<FindingsDesk, 'findings'>;
  /** Resolves when the graph is complete. */
  readonly synced: Promise<unknown>;
}

/** Must be closed. @throws Fault `bad_setting` for settings that cannot be used. */
export async function openMasterUplink(options: MasterUplinkOptions): Promise<Uplink> {
  const uplink = await openUplink({ ...options, sources: (logger) => sourcesOf(options, logger) });
  addUplinkMetrics(options.metrics, () => uplink.status);
  uplink.start();
  return uplink;
}

function sourcesOf(
  { graph, epoch, synced, series, findings }: MasterUplinkOptions,
  logger: Logger,
): readonly OpenSource[] {
  return [
    (publisher) => new GraphSource({ publisher, log: graph, epoch, synced, sleep, logger }),
    (publisher) => new FindingsSource({ publisher, findings: findings.findings, sleep, logger }),
    (publisher) => new MetricsSource({ publisher, series, wall: Date.now, sleep }),
  ];
}
