// The moment at which a kind or a minion came to stand as it does.
import type { Clock } from '../../src/clock.ts';
import { timestampOf } from '../../src/clock.ts';
import type { SourceState } from '../../src/model.ts';

export function stateOf(state: SourceState['state'], reason: string | undefined, clock: Clock): SourceState {
  return { state, since: timestampOf(clock()), ...(reason ? { reason } : {}) };
}

/** A state that stays is as old as it was, though its reason is another: stale is stale since the first failure. */
export function sinceBefore(before: SourceState | undefined, now: SourceState): SourceState {
  return before?.state === now.state ? { ...now, since: before.since } : now;
}
