// The state of one kind, reported once per change: to the sink at once, to the log if it lasts. An orderly closed watch
// that is replaced is no change; a broken watch makes the kind `stale` until the next one runs.
import type { Logger } from 'pino';
import type { Clock } from '../../../src/clock.ts';
import { timestampOf } from '../../../src/clock.ts';
import type { SourceState } from '../../../src/model.ts';
import type { Sink } from './sink.ts';

export type Delay = (ms: number, signal: AbortSignal) => Promise<void>;

export interface Standing {
  /** The current state. */
  current(): SourceState;
  /** The kind is not read, for a reason other than trouble. */
  set(state: 'forbidden' | 'absent', reason: string): void;
  /** A part (the whole kind or one namespace) cannot be followed now. */
  trouble(part: string, reason: string): void;
  /** The part can be followed again. */
  recovered(part: string): void;
  /** All was listed except `refused`; from now on it is watched or polled. */
  listed(refused: string | undefined, by: 'watch' | 'poll'): void;
  /** A watch runs, or is not available. */
  followed(by: 'watch' | 'poll'): void;
  close(): void;
}

export interface StandingOptions {
  readonly type: string;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly delay: Delay;
  /** Milliseconds of trouble until it is logged. */
  readonly grace: number;
  /** Milliseconds between two lists of a kind that cannot be watched. */
  readonly refresh: number;
  readonly logger: Logger;
}

export function createStanding(options: StandingOptions): Standing {
  return new KindStanding(options);
}

class KindStanding implements Standing {
  readonly #o: StandingOptions;
  readonly #troubles = new Map<string, string>();
  #state: SourceState;
  /** The state without trouble; undefined before the first list and while the kind is not read. */
  #whole: Pick<SourceState, 'state' | 'reason'> | undefined;
  #refused: string | undefined;
  #waiting: AbortController | undefined;
  /** The last logged state. */
  #logged: SourceState['state'] = 'syncing';

  constructor(options: StandingOptions) {
    this.#o = options;
    this.#state = { state: 'syncing', since: timestampOf(options.clock()) };
    options.sink.state('syncing');
  }

  current(): SourceState {
    return this.#state;
  }

  set(next: 'forbidden' | 'absent', reason: string): void {
    this.close();
    this.#whole = undefined;
    this.#tell(next, reason);
    this.#log();
  }

  trouble(part: string, reason: string): void {
    this.#troubles.set(part, reason);
    this.#tellTrouble();
    if (this.#waiting !== undefined) return;
    this.#waiting = new AbortController();
    void this.#logIfItLasts(this.#waiting.signal);
  }

  recovered(part: string): void {
    if (!this.#troubles.delete(part) || this.#troubles.size > 0) return;
    this.close();
    this.#tellWhole();
  }

  listed(refused: string | undefined, by: 'watch' | 'poll'): void {
    this.close();
    this.#refused = refused;
    // A polled kind counts as watched when its watch runs, not when one is attempted.
    this.#whole = this.#wholeBy(this.#whole?.state === 'polled' ? 'poll' : by);
    this.#tellWhole();
  }

  followed(by: 'watch' | 'poll'): void {
    if (this.#whole === undefined) return;
    this.#whole = this.#wholeBy(by);
    if (this.#troubles.size === 0) this.#tellWhole();
  }

  close(): void {
    this.#troubles.clear();
    this.#waiting?.abort();
    this.#waiting = undefined;
  }

  #wholeBy(by: 'watch' | 'poll'): Pick<SourceState, 'state' | 'reason'> {
    if (this.#refused !== undefined) return { state: 'forbidden', reason: this.#refused };
    if (by === 'watch') return { state: 'synced' };
    return { state: 'polled', reason: `listed every ${this.#o.refresh / 1000} s, because it cannot be watched` };
  }

  #tellWhole(): void {
    if (this.#whole === undefined) return;
    this.#tell(this.#whole.state, this.#whole.reason);
    this.#log();
  }

  /** A kind that was never read remains awaited. Reasons stay the same while the causes do. */
  #tellTrouble(): void {
    const [reason] = this.#troubles.values();
    if (reason === undefined) return;
    if (this.#whole !== undefined) this.#tell('stale', reason);
    else if (this.#state.state === 'syncing') this.#tell('syncing', reason);
  }

  async #logIfItLasts(signal: AbortSignal): Promise<void> {
    await this.#o.delay(this.#o.grace, signal);
    if (!signal.aborted) this.#log();
  }

  #tell(state: SourceState['state'], reason?: string): void {
    const before = this.#state;
    if (state === before.state && reason === before.reason) return;
    const since = state === before.state ? before.since : timestampOf(this.#o.clock());
    this.#state = { state, since, ...(reason ? { reason } : {}) };
    this.#o.sink.state(state, reason);
  }

  /** Trouble shorter than the grace period is not logged. Forbidden kinds are logged together elsewhere. */
  #log(): void {
    const { state, reason } = this.#state;
    if (state === this.#logged) return;
    const { logger, type } = this.#o;
    const isFirst = this.#logged === 'syncing' && (state === 'synced' || state === 'polled' || state === 'forbidden');
    this.#logged = state;
    logger[isFirst ? 'debug' : levels[state]]({ kind: type, ...(reason ? { reason } : {}) }, `${type}: ${state}`);
  }
}

const levels = {
  syncing: 'debug',
  synced: 'info',
  polled: 'info',
  partly: 'info',
  unknown: 'warn',
  forbidden: 'warn',
  stale: 'warn',
  absent: 'info',
  excluded: 'debug',
} as const satisfies { readonly [state in SourceState['state']]: string };
