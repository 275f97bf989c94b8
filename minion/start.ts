// Wires, starts and ends a minion. Each thing that is opened is registered for closing at once, so a failed start leaves nothing
// open.
import { hostname } from 'node:os';
import { createBackoff } from '../src/backoff.ts';
import { monotonicClock } from '../src/clock.ts';
import { drained } from '../src/http/drain.ts';
import { endOf, readTls, serveTlsAnew, type Tls } from '../src/http/tls.ts';
import type { Logger } from '../src/logger.ts';
import type { Config } from '../src/settings/config.ts';
import { admissionOf } from '../src/settings/config-checks.ts';
import { createApp } from './app.ts';
import { createEngine } from './engine.ts';
import { Snapshot } from './inventory/snapshot.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createOutgoing } from './outgoing.ts';
import { createProcessReader } from './proc/processes.ts';
import { drivers } from './runtimes/index.ts';
import { socketsToTry } from './sockets.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { createTokenCheck, type TokenCheck } from './token.ts';
import { watchEvents } from './watcher.ts';

/** Limits of a runtime call. An inspect with 100,000 exec ids, which are cut here, has 8 MB. */
const limits = { timeout: 10_000, answer: 16_777_216 } as const;

export interface StartOptions {
  readonly config: Config;
  readonly logger: Logger;
}

export interface Started {
  readonly url: string;
  close(): Promise<void>;
}

export async function start({ config, logger }: StartOptions): Promise<Started> {
  await using opened = new AsyncDisposableStack();
  const clock = monotonicClock;
  const metrics = createMetrics();
  const sockets = socketsToTry(config.runtimeSocket, process.getuid?.());
  const engine = createEngine({ sockets, drivers, limits, logger, clock, observe: metrics.engineCall });
  opened.defer(() => engine.close());
  const outgoing = createOutgoing(config);
  const processes = createProcessReader(config);
  const snapshot = new Snapshot({ engine, outgoing, processes, metrics, clock, node: config.nodeName });
  const token = await tokenCheckOf(config, logger);
  const telemetry = await telemetryOf({ config, logger, snapshot, metrics });
  opened.defer(() => telemetry?.close());
  const served = { tls: readTls(config) };
  if (served.tls) metrics.certificate(() => endOf(served.tls));
  const parts = { engine, outgoing, snapshot, metrics, telemetry, admission: admissionOf(config) };
  const app = createApp({ logger, ...secured(config, served, logger), token, ...parts });
  opened.defer(() => drained(app, { within: config.drain, logger }));
  const listenTextResolver = (address: string) => `minion of node ${config.nodeName ?? hostname()} at ${address}/`;
  const url = await app.listen({ host: config.host, port: config.port, listenTextResolver });
  opened.defer(serveTlsAnew(app.server, config, logger, (tls) => void (served.tls = tls)));
  const ending = new AbortController();
  const backoff = createBackoff({ base: 500, cap: 10_000 });
  const watching = watchEvents({ engine, snapshot, backoff, logger }, ending.signal);
  opened.defer(async () => {
    ending.abort();
    await watching;
  });
  const all = opened.move();
  return { url, close: () => all.disposeAsync() };
}

/** TLS options of its server; `served` always has the material in use. */
function secured({ minionTls }: Config, served: { readonly tls: Tls | undefined }, logger: Logger) {
  if (!served.tls) return {};
  const plainToo = minionTls === 'offered';
  if (plainToo) logger.warn('plain HTTP is answered beside HTTPS, until CLUSTER_INSIGHT_MINION_TLS is required');
  return { https: served.tls, plainToo, certificateEnd: () => endOf(served.tls) };
}

interface Probed {
  readonly config: Config;
  readonly logger: Logger;
  readonly snapshot: Snapshot;
  readonly metrics: Metrics;
}

/** Not even loaded unless a probe is configured. */
async function telemetryOf({ config, logger, snapshot, metrics }: Probed): Promise<Telemetry | undefined> {
  const { probes: wanted, hostRoot, probePrefix: prefix, nodeName } = config;
  if (wanted.length === 0) return undefined;
  const { Telemetry: Made } = await import('./telemetry/telemetry.ts');
  const [root, clock] = [hostRoot.replace(/\/+$/, ''), Date.now];
  return new Made({
    wanted,
    node: { root, proc: '/proc', clock, logger, fetch },
    nodeName,
    async held() {
      // If the runtime does not answer, the known containers are used.
      await snapshot.current().catch(() => undefined);
      return snapshot.held();
    },
    registry: metrics.registry,
    prefix,
    clock,
    logger,
  });
}

async function tokenCheckOf(config: Config, logger: Logger): Promise<TokenCheck | undefined> {
  const { tokenFile: file, nodeName: node = hostname(), minionToken } = config;
  if (file === undefined) return undefined;
  return createTokenCheck({ file, node, takesShared: minionToken === 'shared', clock: monotonicClock, logger });
}
