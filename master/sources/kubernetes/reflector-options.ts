// Options, timing and health of a reflector.
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
  /** Whether the API server supports watching it. */
  readonly watchable: boolean;
  readonly sink: Sink;
  /** Undefined or empty for the whole cluster. */
  readonly namespaces?: readonly string[];
  /** Bounds the concurrent lists of all reflectors. */
  readonly lists: Semaphore;
  readonly logger: Logger;
  /** Called when the API server no longer knows the kind. */
  readonly onAbsent?: () => void;
  /** Called after each list, complete or failed. */
  readonly onList?: () => void;
  /** Called after each processed event with the seconds since its arrival. */
  readonly onEvent?: (lag: number) => void;
  /** Called when a version decreased, which concerns every kind of the API server. */
  readonly onOtherHistory?: (reason: string) => void;
  /** Called when a watch lost its connection. */
  readonly onCut?: () => void;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly delay?: Delay;
  readonly times?: Partial<ReflectorTimes>;
}

/** Milliseconds. */
export interface ReflectorTimes {
  /** Interval of lists for a kind that cannot be watched. */
  readonly refresh: number;
  /** Delay until a forbidden kind is tried again. */
  readonly forbiddenRetry: number;
  /** How long trouble must last to be logged; the sink is told at once. */
  readonly grace: number;
  /** Silence after which a watch counts as lost. API servers send a bookmark every minute. */
  readonly stall: number;
  /** How long a watch must last for its list to have been worthwhile. */
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
  /** Complete lists by cause. */
  readonly causes: { readonly [cause in ListCause]: number };
  readonly watches: { readonly ok: number; readonly failed: number };
  /** Watches started without a list, after the first. */
  readonly reconnects: number;
  readonly events: number;
  /** Watches that ended with 410 and required a list. */
  readonly expired: number;
  /** Number of times that a version decreased. */
  readonly histories: number;
  /** Lines of a watch that were not events. */
  readonly garbled: number;
  /** Events that the sink failed to keep. */
  readonly unkept: number;
  /** Milliseconds since the epoch; undefined before the first event or bookmark. */
  readonly lastEventAt?: number;
  /** Consecutive failed lists. */
  readonly failures: number;
}

export interface Reflector {
  health(): ReflectorHealth;
  /**
   * Lists everything again and trusts nothing stored; readers see the old data until the list is complete. Resolves after
   * the next list that starts from now: undefined on success, otherwise the reason. Never rejects.
   */
  resync(cause?: 'asked' | 'repair' | 'history'): Promise<string | undefined>;
  /** Resolves when nothing more will be delivered. */
  close(): Promise<void>;
}
