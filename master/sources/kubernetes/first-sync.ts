// When the first lists are done: which kinds the start still waits for.
import type { SourceState } from '../../../src/model.ts';
import type { ReflectorHealth } from './reflector.ts';

/** A kind that failed this often, while another one is synced, is not waited for. */
const failuresBelieved = 3;
const settled: ReadonlySet<SourceState['state']> = new Set(['synced', 'polled', 'forbidden', 'absent', 'stale']);

/** Whether the start no longer waits for the kind. `isAnySynced`: the API server can list another kind. */
export function isSettled({ state, failures }: ReflectorHealth, isAnySynced: () => boolean): boolean {
  return settled.has(state.state) || (failures >= failuresBelieved && isAnySynced());
}

/** The first few types: at the start, all of them would fill a page. */
export function firstOf(types: readonly string[], shown = 5): string {
  if (types.length <= shown) return types.join(', ');
  return `${types.slice(0, shown).join(', ')} and ${types.length - shown} more`;
}
