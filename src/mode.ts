// The contract of a mode: its start.ts exports `start`, which main.ts calls.

import type { Logger } from './logger.ts';
import type { Config } from './settings/config.ts';
import type { LogShipping } from './shipped-log.ts';

/** A started mode. */
export interface Running {
  /** Its URL. */
  readonly url: string;
  /** Reports not ready from now on, but still answers. */
  retire?(): void;
  /** Reads everything again on behalf of `by`. */
  resync?(by: string): void;
  /** For modes that end by themselves: resolves with the exit status. */
  readonly ended?: Promise<number>;
  /** Drains open requests, then closes everything. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Aborts when the process must end, possibly during the start. */
  readonly signal?: AbortSignal;
  /** Set if the log is also shipped to a gateway. */
  readonly shipping?: LogShipping | undefined;
}

export type Start = (options: StartOptions) => Promise<Running>;
