// How one kind stands, said once each time it changes: to the sink and to the log. Trouble becomes `stale` only when it
// lasts: a server that closes a watch and takes the next one at once has troubled nobody.
import type { Logger } from 'pino';
import type { Clock } from '../../../src/clock.ts';
import { timestampOf } from '../../../src/clock.ts';
import type { SourceState } from '../../../src/model.ts';
import type { Sink } from './sink.ts';

export type Delay = (ms: number, signal: AbortSignal) => Promise<void>;

export interface Standing {
  /** The state as it is. */
  current(): SourceState;
  /** It is not read, for a reason other than trouble. */
  set(state: 'forbidden' | 'absent', reason: string): void;
  /** Something of the kind (all of it, or one namespace) cannot be followed now. */
  trouble(part: string, reason: string): void;
  /** It can be again. */
  recovered(part: string): void;
  /** All of it was just listed. */
  listed(reason?: string): void;
  close(): void;
}

export interface StandingOptions {
  readonly type: string;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly delay: Delay;
  /** Milliseconds that trouble may last unsaid. */
  readonly grace: number;
  readonly logger: Logger;
}

export function createStanding({ type, sink, clock, delay, grace, logger }: StandingOptions): Standing {
  const troubles = new Map<string, string>();
  let state: SourceState = { state: 'syncing', since: timestampOf(clock()) };
  let whole: { readonly state: 'synced' | 'forbidden'; readonly reason?: string } | undefined;
  let waiting: AbortController | undefined;

  function set(next: SourceState['state'], reason?: string): void {
    if (next === state.state && reason === state.reason) return;
    logger[next === 'synced' && state.state === 'syncing' ? 'debug' : levels[next]](
      { kind: type, ...(reason ? { reason } : {}) },
      `${type}: ${next}`,
    );
    state = { state: next, since: timestampOf(clock()), ...(reason ? { reason } : {}) };
    sink.state(next, reason);
  }

  function calm(): void {
    troubles.clear();
    waiting?.abort();
    waiting = undefined;
  }

  async function watchTrouble(signal: AbortSignal): Promise<void> {
    await delay(grace, signal);
    const [reason] = troubles.values();
    if (signal.aborted || reason === undefined) return;
    if (whole !== undefined) set('stale', reason);
    else if (state.state === 'syncing') set('syncing', reason);
  }

  function begin(): void {
    waiting = new AbortController();
    void watchTrouble(waiting.signal);
  }

  sink.state('syncing');
  return {
    current: () => state,
    set(next, reason) {
      calm();
      whole = undefined;
      set(next, reason);
    },
    trouble(part, reason) {
      troubles.set(part, reason);
      if (waiting === undefined) begin();
    },
    recovered(part) {
      if (!troubles.delete(part) || troubles.size > 0) return;
      calm();
      if (whole !== undefined) set(whole.state, whole.reason);
    },
    listed(reason) {
      calm();
      whole = reason === undefined ? { state: 'synced' } : { state: 'forbidden', reason };
      set(whole.state, whole.reason);
    },
    close: calm,
  };
}

const levels = {
  syncing: 'debug',
  synced: 'info',
  forbidden: 'warn',
  stale: 'warn',
  absent: 'info',
  excluded: 'debug',
} as const satisfies { readonly [state in SourceState['state']]: string };
