// An export to a gateway: an agent that connects and sends the graph read here, once or continuously, and nothing else. It has no
// findings or metrics, and reviews no callers.
import { sleep } from '../../src/backoff.ts';
import { badSetting } from '../../src/errors.ts';
import type { Logger } from '../../src/logger.ts';
import type { Config } from '../../src/settings/config.ts';
import { openUplink } from '../../src/uplink/open.ts';
import type { Publisher } from '../../src/uplink/source.ts';
import type { Graph } from '../build-graph.ts';
import type { Kind } from '../kinds/kind.ts';
import { GraphSource } from '../uplink/graph-source.ts';

export interface GatewayExportOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Whole, and mirrored. */
  readonly graph: Graph;
  /** Every kind that is read, by type. */
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly clusterName: string;
  readonly clusterUid: string | undefined;
  readonly epoch: string;
  readonly version: string;
  readonly signal: AbortSignal;
}

/** Milliseconds between two looks at what is not acknowledged yet. */
const period = 50;

/** Resolves once the gateway has all of it; of one that follows, when the signal aborts. */
export async function exportToGateway(options: GatewayExportOptions): Promise<void> {
  const { config, graph, kinds, clusterName, clusterUid, epoch, version, signal } = options;
  const { engine, mirror, engineOptions } = graph;
  const { virtualTypes, namespaces, createdBy, limit } = engineOptions;
  if (mirror === undefined || limit === undefined) throw new Error('what is told to a gateway must be mirrored');
  const log = { engine, mirror, clusterUid, createdBy, virtualTypes, namespaces, limit, kinds };
  const made: { source?: GraphSource; publisher?: Publisher } = {};
  const open = (logger: Logger) => (publisher: Publisher) => {
    made.publisher = publisher;
    made.source = new GraphSource({ publisher, log, epoch, synced: Promise.resolve(), sleep, logger });
    return made.source;
  };
  const uplink = await openUplink({
    ...{ config, logger: options.logger, version, clusterName },
    sources: (logger) => [open(logger)],
  });
  uplink.start();
  try {
    const isThere = () => made.source?.whole === true && made.publisher?.waiting('graph') === 0;
    while (!signal.aborted && (config.exportFollow || !isThere())) await sleep(period, signal);
    if (!config.exportFollow) signal.throwIfAborted();
  } finally {
    await uplink.close();
  }
}

/** @throws Fault `bad_setting` for what cannot go to a gateway. */
export function checkGatewayExport({ exportProtocol, exportFrom, exportTo, exportDryRun }: Config): void {
  const variable = 'CLUSTER_INSIGHT_GATEWAY';
  if (exportTo !== undefined)
    throw badSetting(variable, 'and CLUSTER_INSIGHT_EXPORT_TO are two destinations: name one');
  if (exportFrom !== undefined) throw badSetting(variable, 'is told by a master itself: give it to the master');
  if (exportProtocol === 'collector') throw badSetting(variable, 'takes no pages of the protocol `collector`');
  if (exportDryRun) throw badSetting(variable, 'and a dry run exclude each other');
}
