// Logs why something fails, once per reason, and once that it works again: retries fail again and again.
import type { Logger } from './logger.ts';

export class LogOnce {
  readonly #logger: Pick<Logger, 'warn' | 'info'>;
  #said: string | undefined;

  constructor(logger: Pick<Logger, 'warn' | 'info'>) {
    this.#logger = logger;
  }

  /** Logs unless the reason equals the last one; by default it is the error's message. */
  warn(error: unknown, what: string, reason = error instanceof Error ? error.message : String(error)): void {
    const said = `${what}: ${reason}`;
    if (said === this.#said) return;
    this.#said = said;
    this.#logger.warn(factsOf(error), said);
  }

  /** It works again: the next failure is logged. Logs `what` if the last one was. */
  reset(what?: string): void {
    if (this.#said !== undefined && what !== undefined) this.#logger.info(what);
    this.#said = undefined;
  }
}

/** What a program can tell failures apart by. */
function factsOf(error: unknown): { readonly code?: string; readonly cause?: string } {
  if (!(error instanceof Error)) return {};
  const { code = error.name, cause } = error as NodeJS.ErrnoException;
  return { code: String(code), ...(cause instanceof Error ? { cause: cause.message } : {}) };
}
