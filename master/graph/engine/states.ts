// How every source stands, by family, and `completeness`: all of them as text.
import type { SourceState } from '../../../src/model.ts';

/** `completeness` has these always, and before all others. */
const first = ['kinds', 'minions'];

export interface States {
  families(): Iterable<string>;
  of(family: string): ReadonlyMap<string, SourceState>;
  /** False where it was so before. */
  set(family: string, name: string, state: SourceState | undefined): boolean;
  text(): string;
}

type Family = Map<string, SourceState>;
const none: ReadonlyMap<string, SourceState> = new Map();

export function createStates(): States {
  const families = new Map<string, Family>(first.map((family) => [family, new Map()]));
  let completeness: string | undefined;

  function textOf(): string {
    const all = [...families.values()].flatMap((family) => [...family.values()]);
    const complete = all.every(({ state }) => isSure(state) || state === 'excluded');
    const others = [...families.keys()].filter((family) => !first.includes(family)).sort();
    const shown = [...first, ...others].map((family) => [family, sorted(families.get(family))] as const);
    return JSON.stringify({ complete, ...Object.fromEntries(shown) });
  }

  return {
    families: () => families.keys(),
    of: (family) => families.get(family) ?? none,
    set(family, name, state) {
      const before = families.get(family)?.get(name);
      if (before?.state === state?.state && before?.reason === state?.reason) return false;
      change(families, family, name, state);
      completeness = undefined;
      return true;
    },
    text: () => (completeness ??= textOf()),
  };
}

/** A family of which no source is left goes, unless it is one of the first. */
function change(families: Map<string, Family>, family: string, name: string, state: SourceState | undefined): void {
  const of = families.get(family) ?? new Map<string, SourceState>();
  if (state) families.set(family, of.set(name, state));
  else of.delete(name);
  if (of.size === 0 && !first.includes(family)) families.delete(family);
}

function sorted(states: Family | undefined): { readonly [name: string]: SourceState } {
  return Object.fromEntries([...(states ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether what is not there is known not to be there: a kind that the API server does not serve has no objects. */
export function isSure(state: SourceState['state'] | undefined): boolean {
  return state === 'synced' || state === 'absent';
}
