// Ends a server: it accepts no new connections and finishes running requests within a time limit.
import type { Logger } from '../logger.ts';
import type { Server } from './server.ts';

export interface DrainOptions {
  /** Milliseconds for the whole shutdown: half for readers, the rest for what is behind the server. */
  readonly within: number;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Resolves when all connections are closed, by themselves or cut after half of the time. */
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
