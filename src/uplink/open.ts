// Opens the uplink of a process: its identity, its buffer, its sources, and the commands it accepts besides the log level.
import { randomUUID } from 'node:crypto';
import { sleep } from '../backoff.ts';
import { monotonicClock } from '../clock.ts';
import { fault } from '../errors.ts';
import { lockFolder } from '../folder-lock.ts';
import { type Scheme, schemes } from '../gateway-protocol/proof.ts';
import { readSecrets } from '../gateway-protocol/secrets.ts';
import type { Logger } from '../logger.ts';
import { type Config, logLevels } from '../settings/config.ts';
import type { LogShipping } from '../shipped-log.ts';
import { type CommandHandler, Commands } from './commands.ts';
import { createDial } from './dial.ts';
import { LogSource } from './log-source.ts';
import type { OpenSource } from './source.ts';
import { Spool } from './spool/spool.ts';
import { Uplink } from './uplink.ts';

export interface OpenUplinkOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly shipping?: LogShipping | undefined;
  /** Of this program. */
  readonly version: string;
  /** The cluster's usual name, used if no name for the gateway is configured. */
  readonly clusterName: string;
  /** Sources besides the log. `logger` is for messages about the uplink itself. */
  readonly sources: (logger: Logger) => readonly OpenSource[];
  readonly commands?: { readonly [name: string]: CommandHandler };
}

/** Not started yet; must be closed. @throws Fault `bad_setting` for settings that cannot be used. */
export async function openUplink(options: OpenUplinkOptions): Promise<Uplink> {
  const { config, shipping, clusterName, version, sources } = options;
  const { gateway = '', gatewayAccount: account, gatewaySecretFile = '', gatewayCaFile: caFile } = config;
  // Messages about the uplink must not go through the uplink.
  const logger = shipping?.local ?? options.logger;
  const dial = createDial({ url: gateway, caFile });
  const cluster = config.gatewayCluster ?? nameOf(clusterName);
  const time = { clock: monotonicClock, wall: Date.now, logger };
  const { gatewaySpool: folder, gatewaySpoolSize: mostBytes } = config;
  const spool = await Spool.open({ folder, lock: lockFolder, cluster, mostBytes, ...time });
  return new Uplink({
    who: { account, cluster, start: randomUUID(), mode: config.mode, version },
    schemes: schemesOf(config),
    secret: () => readSecrets(gatewaySecretFile)[0] ?? Buffer.alloc(0),
    spool,
    dial,
    commands: new Commands({ ...options.commands, 'log-level': (body) => setLevel(body, shipping, logger) }),
    sources: [...sources(logger), ...(shipping ? [logOf(shipping)] : [])],
    onLogLevel: (level) => void applied(level, shipping),
    ...time,
    sleep,
  });
}

function logOf({ log }: LogShipping): OpenSource {
  return (publisher) => new LogSource(log, publisher);
}

/** kubeconfig contexts may be named after addresses, which are not valid names here. */
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
