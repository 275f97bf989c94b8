// How a server ends: it takes no new connection and finishes what is under way, within a bound.
import type { Logger } from '../logger.ts';
import type { Server } from './server.ts';

export interface DrainOptions {
  /** Milliseconds that the whole end may take. Half of it is for readers, the rest for what is behind the server. */
  readonly within: number;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Resolves once every connection is closed: by itself, or cut off at half of the time. */
export async function drained(app: Pick<Server, 'close' | 'server'>, { within, logger }: DrainOptions): Promise<void> {
  const timer = setTimeout(() => {
    logger.warn('answers were cut off: their readers did not take them in half of the time that the end may last');
    app.server.closeAllConnections();
  }, within / 2);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}
