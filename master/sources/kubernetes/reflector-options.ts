// What a reflector is made of, how patient it is, and what it tells of itself.
import type { Logger } from 'pino';
import type { Clock } from '../../../src/clock.ts';
import type { Semaphore } from '../../../src/concurrency.ts';
import type { SourceState } from '../../../src/model.ts';
import type { Kind } from '../../kinds/kind.ts';
import type { Client } from './client.ts';
import type { ListCause } from './phase.ts';
import type { Sink } from './sink.ts';
import type { Delay } from './standing.ts';

export interface ReflectorOptions {
  readonly client: Client;
  readonly kind: Pick<Kind, 'kind' | 'group' | 'plural' | 'namespaced' | 'read'>;
  readonly version: string;
  /** Whether the API server offers to watch it at all. */
  readonly watchable: boolean;
  readonly sink: Sink;
  /** Absent or empty: all of the cluster. */
  readonly namespaces?: readonly string[];
  /** Shared by all reflectors: how many list at once. */
  readonly lists: Semaphore;
  readonly logger: Logger;
  /** Called when the API server no longer knows the kind. */
  readonly onAbsent?: () => void;
  /** Called after each list, whole or failed. */
  readonly onList?: () => void;
  /** Called after each event that was handed over, with the seconds since its bytes were read. */
  readonly onEvent?: (lag: number) => void;
  /** Called when a version went back, which concerns every kind of the API server. */
  readonly onOtherHistory?: (reason: string) => void;
  /** Called when the connection of a watch was lost. */
  readonly onCut?: () => void;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly delay?: Delay;
  readonly times?: Partial<ReflectorTimes>;
}

/** Milliseconds. */
export interface ReflectorTimes {
  /** Between two lists of a kind that cannot be watched. */
  readonly refresh: number;
  /** Until a forbidden kind is tried again. */
  readonly forbiddenRetry: number;
  /** How long trouble may last before it is logged; it is told at once. */
  readonly grace: number;
  /** Silence after which a watch counts as lost. API servers send a bookmark a minute. */
  readonly stall: number;
  /** How long a watch must hold for the list before it to have been worth it. */
  readonly calm: number;
  readonly backoffBase: number;
  readonly backoffCap: number;
}

export const usualTimes: ReflectorTimes = {
  refresh: 10_000,
  forbiddenRetry: 300_000,
  grace: 5_000,
  stall: 150_000,
  calm: 10_000,
  backoffBase: 500,
  backoffCap: 30_000,
};

export interface ReflectorHealth {
  readonly state: SourceState;
  readonly lists: { readonly ok: number; readonly failed: number };
  /** Whole lists by what they were for. */
  readonly causes: { readonly [cause in ListCause]: number };
  readonly watches: { readonly ok: number; readonly failed: number };
  /** Watches begun after the first, other than by a list. */
  readonly reconnects: number;
  readonly events: number;
  /** Watches that ended with a 410: the kind was listed again. */
  readonly expired: number;
  /** Times that a version went back. */
  readonly histories: number;
  /** Lines of a watch that were no event. */
  readonly garbled: number;
  /** Events that the sink could not keep. */
  readonly unkept: number;
  /** Milliseconds since the epoch; absent before the first event or bookmark. */
  readonly lastEventAt?: number;
  /** Lists in a row that failed. */
  readonly failures: number;
}

export interface Reflector {
  health(): ReflectorHealth;
  /**
   * Lists everything again, and trusts nothing that is held; readers see the old until the new is whole. Resolves after the
   * next list that begins from now on: undefined where it was whole, else why not. Never rejects.
   */
  resync(cause?: 'asked' | 'repair' | 'history'): Promise<string | undefined>;
  /** Resolves when nothing more will be handed over. */
  close(): Promise<void>;
}
