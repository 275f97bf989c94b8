// Runs background work in order, one at a time: failures are logged and do not stop the rest.
import type { Logger } from '../../src/logger.ts';

export class Background {
  readonly #logger: Pick<Logger, 'error'>;
  #last: Promise<void> = Promise.resolve();

  constructor(logger: Pick<Logger, 'error'>) {
    this.#logger = logger;
  }

  run(work: () => Promise<void>): void {
    this.#last = this.#last.then(work).catch((error: unknown) => {
      this.#logger.error({ err: error }, 'alerts: something could not be done');
    });
  }

  /** Resolves when all work so far is done. */
  async idle(): Promise<void> {
    for (let last: Promise<void> | undefined; last !== this.#last; ) {
      last = this.#last;
      await last;
    }
  }
}
