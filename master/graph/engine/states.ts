// How every kind and every minion stands, and `completeness`: both as text.
import type { SourceState } from '../../../src/model.ts';

export interface States {
  readonly kinds: ReadonlyMap<string, SourceState>;
  readonly minions: ReadonlyMap<string, SourceState>;
  /** False where it was so before. */
  setKind(type: string, state: SourceState | undefined): boolean;
  setMinion(node: string, state: SourceState | undefined): boolean;
  text(): string;
}

export function createStates(): States {
  const kinds = new Map<string, SourceState>();
  const minions = new Map<string, SourceState>();
  let completeness: string | undefined;

  function setState(states: Map<string, SourceState>, name: string, state: SourceState | undefined): boolean {
    const before = states.get(name);
    if (before?.state === state?.state && before?.reason === state?.reason) return false;
    if (state) states.set(name, state);
    else states.delete(name);
    completeness = undefined;
    return true;
  }

  return {
    kinds,
    minions,
    setKind: (type, state) => setState(kinds, type, state),
    setMinion: (node, state) => setState(minions, node, state),
    text() {
      if (completeness) return completeness;
      const sorted = (states: Map<string, SourceState>) =>
        Object.fromEntries([...states].sort(([a], [b]) => (a < b ? -1 : 1)));
      const complete = [...kinds.values(), ...minions.values()].every(
        ({ state }) => isSure(state) || state === 'excluded',
      );
      completeness = JSON.stringify({ complete, kinds: sorted(kinds), minions: sorted(minions) });
      return completeness;
    },
  };
}

/** Whether what is not there is known not to be there: a kind that the API server does not serve has no objects. */
export function isSure(state: SourceState['state'] | undefined): boolean {
  return state === 'synced' || state === 'absent';
}
