// The contract of a mode: its start.ts exports `start`, which main.ts calls.

import type { Logger } from './logger.ts';
import type { Config } from './settings/config.ts';
import type { LogShipping } from './shipped-log.ts';

/** What runs once a mode has started. */
export interface Running {
  /** Where it answers. */
  readonly url: string;
  /** From now on it says that it is not ready, and answers everything else as before. */
  retire?(): void;
  /** Reads everything again, for `by`. */
  resync?(by: string): void;
  /** Of a mode that comes to an end by itself: resolves with the exit status of the process. */
  readonly ended?: Promise<number>;
  /** Drains open requests, then lets go of everything. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Aborts when the process is asked to end, even before the start is through. */
  readonly signal?: AbortSignal;
  /** Where the log is to be shipped to a gateway, too. */
  readonly shipping?: LogShipping | undefined;
}

export type Start = (options: StartOptions) => Promise<Running>;
