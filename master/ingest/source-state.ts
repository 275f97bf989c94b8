// The time since which a kind or minion has been in its state.
import type { Clock } from '../../src/clock.ts';
import { timestampOf } from '../../src/clock.ts';
import type { SourceState } from '../../src/model.ts';

export function stateOf(state: SourceState['state'], reason: string | undefined, clock: Clock): SourceState {
  return { state, since: timestampOf(clock()), ...(reason ? { reason } : {}) };
}

/** The same state keeps its time even if the reason changes: stale means stale since the first failure. */
export function sinceBefore(before: SourceState | undefined, now: SourceState): SourceState {
  return before?.state === now.state ? { ...now, since: before.since } : now;
}
