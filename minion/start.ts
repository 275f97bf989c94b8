// Starts a minion: all its wiring, and its end.
import { createBackoff } from '../src/backoff.ts';
import { readTls, serveTlsAnew } from '../src/http/tls.ts';
import type { Logger } from '../src/logger.ts';
import type { Config } from '../src/settings/config.ts';
import { createApp } from './app.ts';
import { createEngine } from './engine.ts';
import { createMetrics } from './metrics.ts';
import { createOutgoing } from './outgoing.ts';
import { createProcessReader } from './proc/processes.ts';
import { drivers } from './runtimes/index.ts';
import { createSnapshot } from './snapshot.ts';
import { socketsToTry } from './sockets.ts';
import { createTokenCheck } from './token.ts';
import { watchEvents } from './watcher.ts';

/** Bounds of one call of the runtime. An inspect with 100,000 exec ids, which are cut here, has 8 MB. */
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
  const clock = Date.now;
  const metrics = createMetrics();
  const sockets = socketsToTry(config.runtimeSocket, process.getuid?.());
  const engine = createEngine({ sockets, drivers, limits, logger, clock, observe: metrics.engineCall });
  const outgoing = createOutgoing(config);
  const processes = createProcessReader(config);
  const snapshot = createSnapshot({ engine, outgoing, processes, metrics, clock, node: config.nodeName });
  const token = config.tokenFile ? await createTokenCheck(config.tokenFile, clock, logger) : undefined;
  const https = readTls(config);
  const app = createApp({ logger, https, token, engine, outgoing, snapshot, metrics });
  const url = await app.listen({ host: config.host, port: config.port });
  const unfollow = serveTlsAnew(app.server, config, logger);
  const ending = new AbortController();
  const watching = watchEvents(
    { engine, snapshot, backoff: createBackoff({ base: 500, cap: 10_000 }), logger },
    ending.signal,
  );
  return {
    url,
    async close() {
      ending.abort();
      unfollow();
      await app.close();
      engine.close();
      await watching;
    },
  };
}
