// Logs why something fails, once per reason: retries fail again and again.
import type { Logger } from './logger.ts';

export class LogOnce {
  readonly #logger: Pick<Logger, 'warn'>;
  #said: string | undefined;

  constructor(logger: Pick<Logger, 'warn'>) {
    this.#logger = logger;
  }

  /** Logs unless the reason equals the last one. */
  warn(error: unknown, what: string): void {
    const reason = error instanceof Error ? error.message : String(error);
    const said = `${what}: ${reason}`;
    if (said === this.#said) return;
    this.#said = said;
    this.#logger.warn(said);
  }

  /** It works again: the next failure is logged. */
  reset(): void {
    this.#said = undefined;
  }
}
