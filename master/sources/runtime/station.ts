// The collector's state of one node: its minion, its state and the start of its failure. It reports each change to the sink
// and to the log.
import type { MonotonicClock } from '../../../src/clock.ts';
import { Fault, fault } from '../../../src/errors.ts';
import type { Logger } from '../../../src/logger.ts';
import type { Minion } from './minions.ts';
import type { MinionState, RuntimeSink } from './sink.ts';

export interface MinionStatus {
  readonly node: string;
  readonly url: string | undefined;
  readonly state: MinionState;
  readonly reason: string | undefined;
  /** Milliseconds of the last call. */
  readonly took: number | undefined;
  readonly calls: number;
  readonly failures: number;
}

export interface StationOptions {
  readonly sink: Pick<RuntimeSink, 'state' | 'drop'>;
  readonly logger: Logger;
  /** Milliseconds until the data of a silent minion is dropped. */
  readonly dropAfter: number;
  readonly clock: MonotonicClock;
}

export class Station {
  readonly node: string;
  /** Undefined once it is gone. */
  minion: Minion | undefined;
  /** What the last snapshot lacked. */
  partly: string | undefined;
  /** Milliseconds. */
  took: number | undefined;
  calls = 0;
  failures = 0;
  readonly #options: StationOptions;
  #following = new AbortController();
  #state: MinionState | undefined;
  #reason: string | undefined;
  #failingSince: number | undefined;
  #dropped = false;

  constructor(node: string, options: StationOptions) {
    this.node = node;
    this.#options = options;
  }

  get isAnswering(): boolean {
    return this.#state === 'synced' || this.#state === 'partly';
  }

  get isFailing(): boolean {
    return this.#failingSince !== undefined;
  }

  get status(): MinionStatus {
    const { node, minion, took, calls, failures } = this;
    return { node, url: minion?.url, state: this.#state ?? 'syncing', reason: this.#reason, took, calls, failures };
  }

  /** Ends the current follower of the node; returns the signal for the next. */
  followAgain(): AbortSignal {
    this.#following.abort();
    this.#following = new AbortController();
    return this.#following.signal;
  }

  stop(): void {
    this.#following.abort();
  }

  /** The minion was found; no change if the node is known already. */
  found(): void {
    if (this.#state === undefined) this.#tell('syncing');
  }

  succeed(): void {
    this.#failingSince = undefined;
    this.#dropped = false;
    if (this.partly === undefined) this.#tell('synced');
    else this.#tell('partly', `not shown: ${this.partly}`);
  }

  fail(error: unknown): void {
    this.#failingSince ??= this.#options.clock();
    if (!(error instanceof Fault))
      this.#options.logger.error({ err: error, node: this.node }, 'a snapshot could not be taken in');
    const reason = error instanceof Fault ? error.message : fault('internal').message;
    this.#tell(this.#dropped ? 'absent' : 'stale', reason);
  }

  /** Milliseconds until its data is dropped; infinite if it answers or was dropped. */
  untilDrop(): number {
    if (this.#dropped || this.#failingSince === undefined) return Number.POSITIVE_INFINITY;
    return this.#failingSince + this.#options.dropAfter - this.#options.clock();
  }

  /** The same for a removed minion; 0 if its data was dropped before. */
  untilForgotten(): number {
    return this.#dropped ? 0 : Math.max(0, this.untilDrop());
  }

  dropIfDue(): void {
    if (this.untilDrop() > 0) return;
    this.#dropped = true;
    this.#options.sink.drop(this.node);
    this.#tell('absent', this.#reason);
  }

  /** Once per change. */
  #tell(state: MinionState, reason?: string): void {
    if (this.#state === state && this.#reason === reason) return;
    this.#state = state;
    this.#reason = reason;
    const { sink, logger } = this.#options;
    sink.state(this.node, state, reason);
    const facts = { node: this.node, minion: this.minion?.url, state, reason };
    if (state === 'stale' || state === 'absent') logger.warn(facts, 'minion does not answer');
    else logger.info(facts, this.isAnswering ? 'minion answers' : 'minion found');
  }
}
