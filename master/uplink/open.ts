// Opens the uplink of a master: who it is, its buffer, what it sends, and what it can be asked for.
import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import { sleep } from '../../src/backoff.ts';
import { monotonicClock } from '../../src/clock.ts';
import { fault } from '../../src/errors.ts';
import { type Scheme, schemes } from '../../src/gateway-protocol/proof.ts';
import { readSecrets } from '../../src/gateway-protocol/secrets.ts';
import type { Logger } from '../../src/logger.ts';
import { type Config, logLevels } from '../../src/settings/config.ts';
import type { LogShipping } from '../../src/shipped-log.ts';
import type { InputLogOptions } from '../graph/replication/input-log.ts';
import type { SeriesReader } from '../series/series.ts';
import { addUplinkMetrics } from '../telemetry/uplink-metrics.ts';
import { type CommandHandler, Commands } from './commands.ts';
import { createDial } from './dial.ts';
import { GraphSource } from './graph-source.ts';
import { LogSource } from './log-source.ts';
import { MetricsSource } from './metrics-source.ts';
import type { OpenSource } from './source.ts';
import { Spool } from './spool/spool.ts';
import { Uplink } from './uplink.ts';

export interface OpenUplinkOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly shipping?: LogShipping | undefined;
  readonly metrics: Registry;
  /** Of this program. */
  readonly version: string;
  readonly clusterName: string;
  readonly graph: InputLogOptions;
  readonly epoch: string;
  readonly series: SeriesReader;
  /** Resolves when the graph is whole. */
  readonly synced: Promise<unknown>;
  /** What fills other classes of messages. */
  readonly sources?: readonly OpenSource[];
  /** What a gateway may ask for besides the log level. */
  readonly commands?: { readonly [name: string]: CommandHandler };
}

/** @throws Fault `bad_setting` where it cannot be meant. To be closed. */
export async function openUplink(options: OpenUplinkOptions): Promise<Uplink> {
  const { config, shipping, clusterName, version, sources = [] } = options;
  const { gateway = '', gatewayAccount: account, gatewaySecretFile = '', gatewayCaFile: caFile } = config;
  // Nothing that the way itself has to say goes the way.
  const logger = shipping?.local ?? options.logger;
  const dial = createDial({ url: gateway, caFile });
  const cluster = config.gatewayCluster ?? nameOf(clusterName);
  const time = { clock: monotonicClock, wall: Date.now, logger };
  const { gatewaySpool: folder, gatewaySpoolSize: mostBytes } = config;
  const spool = await Spool.open({ folder, cluster, mostBytes, ...time });
  const uplink = new Uplink({
    who: { account, cluster, start: randomUUID(), mode: config.mode, version },
    schemes: schemesOf(config),
    secret: () => readSecrets(gatewaySecretFile)[0] ?? Buffer.alloc(0),
    spool,
    dial,
    commands: new Commands({ ...options.commands, 'log-level': (body) => setLevel(body, shipping, logger) }),
    sources: [graphOf(options, logger), metricsOf(options), ...(shipping ? [logOf(shipping)] : []), ...sources],
    onLogLevel: (level) => void applied(level, shipping),
    ...time,
    sleep,
  });
  addUplinkMetrics(options.metrics, () => uplink.status);
  uplink.start();
  return uplink;
}

function graphOf({ graph, epoch, synced }: OpenUplinkOptions, logger: Logger): OpenSource {
  return (publisher) => new GraphSource({ publisher, log: graph, epoch, synced, sleep, logger });
}

function metricsOf({ series }: OpenUplinkOptions): OpenSource {
  return (publisher) => new MetricsSource({ publisher, series, wall: Date.now, sleep });
}

function logOf({ log }: LogShipping): OpenSource {
  return (publisher) => new LogSource(log, publisher);
}

/** Contexts are called by addresses and mail names, too. */
function nameOf(clusterName: string): string {
  const name = clusterName
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 63);
  return name.replace(/[.-]+$/, '') || 'cluster';
}

function schemesOf({ gatewaySchemes }: Config): Scheme[] {
  return gatewaySchemes.flatMap((name) => schemes.find((scheme) => scheme === name) ?? []);
}

function setLevel(body: unknown, shipping: LogShipping | undefined, logger: Logger): { readonly level: string } {
  const level = String((body as { readonly level?: unknown } | null)?.level);
  if (!applied(level, shipping))
    throw fault('bad_request', { reason: `${JSON.stringify(level)} is not a level: ${logLevels.join(', ')}` });
  logger.info({ level }, 'the gateway has set the log level');
  return { level };
}

function applied(level: string, shipping: LogShipping | undefined): boolean {
  if (!(logLevels as readonly string[]).includes(level)) return false;
  shipping?.setLevel(level);
  return true;
}
