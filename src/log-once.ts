// Logs why something does not go on, once for each reason: what is tried again and again fails again and again.
import type { Logger } from './logger.ts';

export class LogOnce {
  readonly #logger: Pick<Logger, 'warn'>;
  #said: string | undefined;

  constructor(logger: Pick<Logger, 'warn'>) {
    this.#logger = logger;
  }

  /** Nothing where the reason is the one that was said last. */
  warn(error: unknown, what: string): void {
    const reason = error instanceof Error ? error.message : String(error);
    const said = `${what}: ${reason}`;
    if (said === this.#said) return;
    this.#said = said;
    this.#logger.warn(said);
  }

  /** It goes on: whatever fails next is said. */
  reset(): void {
    this.#said = undefined;
  }
}
