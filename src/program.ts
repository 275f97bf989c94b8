// The program: settings, log, the chosen mode, and how the process ends. Modes are loaded on demand, so that a minion never
// pays for the master's packages.
import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace, { type Signals } from 'close-with-grace';
import { monotonicClock } from './clock.ts';
import { createLogger, errorOutput, type Logger } from './logger.ts';
import type { Start } from './mode.ts';
import { releaseOptimizer } from './optimizer.ts';
import { type Config, type Mode, readConfig, settings } from './settings/config.ts';
import { environment } from './settings/environment.ts';
import { unknownVariables, wantsHelp } from './settings/setting-sources.ts';
import { helpText } from './settings/settings-table.ts';
import type { LogShipping } from './shipped-log.ts';
import { adviceOn, exitStatusOf } from './start-errors.ts';
import { releaseYoungGeneration } from './young-generation.ts';

const starts: { readonly [mode in Mode]: () => Promise<{ start: Start }> } = {
  master: () => import('../master/start.ts'),
  minion: () => import('../minion/start.ts'),
  demo: () => import('../master/start.ts'),
  export: () => import('../master/export/start.ts'),
  gateway: () => import('../master/gateway/start.ts'),
  replica: () => import('../master/replica/start.ts'),
  actor: () => import('../actor/start.ts'),
};

/** All that a minion is going to need. */
export const loadMinion = () => Promise.all([starts.minion(), import('../minion/cri/client.ts')]);

/** A terminal sends SIGINT to npm and to us, and npm passes its own on: within this time the two are one, in milliseconds. */
const echo = 500;

export async function main(): Promise<void> {
  if (wantsHelp(process.argv)) process.stdout.write(helpText(settings));
  else await begin();
}

async function begin(): Promise<void> {
  const ending = new AbortController();
  let logger: Logger | undefined;
  try {
    const config = readConfig();
    const shipping = await shippingOf(config);
    const copy = shipping?.log;
    logger = createLogger({ level: config.logLevel, format: config.logFormat, copy, ...logTo(config) });
    for (const line of unknownVariables(environment, settings)) logger.warn(line);
    await run(config, logger, ending, shipping?.by(logger));
  } catch (error) {
    if (ending.signal.aborted) return;
    logger?.debug({ err: error }, 'the start failed');
    process.stderr.write(`cluster-insight: ${adviceOn(error)}\n`);
    process.exit(exitStatusOf(error));
  }
}

async function run(config: Config, logger: Logger, ending: AbortController, shipping?: LogShipping): Promise<void> {
  const options = { config, logger, signal: ending.signal, shipping };
  const starting = loaded(config.mode).then(({ start }) => start(options));
  endOnSignal(config, logger, async (broken) => {
    ending.abort();
    const running = await starting.catch(() => undefined);
    if (!broken && running?.retire !== undefined) {
      running.retire();
      await sleep(config.shutdownDelay);
    }
    await running?.close();
  });
  // A terminal that goes sends SIGHUP too, and means the end by it.
  if (!endsOnHangup(config))
    process.on('SIGHUP', () => void starting.then((running) => running.resync?.('SIGHUP'), noStart));
  const { ended } = await starting;
  if (ended !== undefined) process.exit(await ended);
}

/** Standard output is for what is exported, and for what a command prints. */
function logTo({ mode, gatewayCommand }: Config) {
  return mode === 'export' || gatewayCommand.length > 0 ? { destination: errorOutput() } : {};
}

/** Those that read a cluster have V8 optimize when they have read much of it (master/open-reading.ts); a minion never does. */
const optimizedLater: ReadonlySet<Mode> = new Set(['master', 'demo', 'minion']);

async function loaded(mode: Mode): Promise<{ start: Start }> {
  const program = await starts[mode]();
  if (!optimizedLater.has(mode)) {
    releaseOptimizer();
    releaseYoungGeneration();
  }
  return program;
}

/** Loaded only with a configured gateway. */
async function shippingOf(config: Config) {
  if (config.gateway === undefined || !config.gatewayLogs || !['master', 'demo', 'actor'].includes(config.mode))
    return undefined;
  const { ShippedLog } = await import('./shipped-log.ts');
  const log = new ShippedLog();
  const local = createLogger({ level: config.logLevel, format: config.logFormat, ...logTo(config) });
  const by = (logger: Logger): LogShipping => ({
    log,
    local,
    setLevel(level) {
      logger.level = level;
      local.level = level;
    },
  });
  return { log, by };
}

/** Said by what waits for the start. */
const noStart = (): void => undefined;

function endsOnHangup({ mode }: Config): boolean {
  return mode === 'minion' || process.stdout.isTTY === true;
}

/** The first signal drains and exits with 0; the second, or a drain that takes too long, exits at once. */
function endOnSignal(config: Config, logger: Logger, close: (broken: boolean) => Promise<void>): void {
  const { drain, shutdownDelay } = config;
  const skip: Signals[] = endsOnHangup(config) ? ['SIGINT'] : ['SIGINT', 'SIGHUP'];
  const grace = closeWithGrace({ delay: shutdownDelay + drain, logger, skip }, async ({ err, signal }) => {
    if (err === undefined) logger.info(`ending${signal === undefined ? '' : ` on ${signal}`}: ${first(shutdownDelay)}`);
    else logger.fatal({ err }, 'an unhandled error ends the process');
    await close(err !== undefined);
  });
  let interrupted: number | undefined;
  process.on('SIGINT', () => {
    if (interrupted !== undefined && monotonicClock() - interrupted > echo) process.exit(130);
    if (interrupted === undefined) grace.close();
    interrupted ??= monotonicClock();
  });
}

function first(shutdownDelay: number): string {
  if (shutdownDelay === 0) return 'open requests are finished first';
  return `it answers on for ${shutdownDelay / 1000} s, until no Service leads here any more; then open requests are finished`;
}
