// Opens the uplink of a master: its graph, its numbers, what is wrong and its log are told, and reviews of callers are made.
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
  /** Kept by whoever opened it. */
  readonly findings: Pick<FindingsDesk, 'findings'>;
  /** Resolves when the graph is whole. */
  readonly synced: Promise<unknown>;
}

/** @throws Fault `bad_setting` where it cannot be meant. To be closed. */
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
