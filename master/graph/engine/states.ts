// The state of every source by family, and `completeness` with all of them as text.
import type { SourceState } from '../../../src/model.ts';
import { type CompletenessTexts, completenessTexts, isOutOfStep } from './completeness.ts';

export { isSure } from './completeness.ts';

/** `completeness` always has these, first. */
const first = ['kinds', 'minions'];
/** Families of sources that read the API server. */
const ofTheCluster: ReadonlySet<string> = new Set(['kinds', 'groups']);

export interface States {
  families(): Iterable<string>;
  of(family: string): ReadonlyMap<string, SourceState>;
  /** False if nothing changed. */
  set(family: string, name: string, state: SourceState | undefined): boolean;
  texts(): CompletenessTexts;
  /** Replaces states and timestamps by those of another graph for the same sources. */
  restate(all: Iterable<StateSaid>, outOfStepSince: string | undefined): void;
  /** Since when some source of API objects has been out of step; undefined while all are in step. */
  outOfStepSince(): string | undefined;
}

export interface StateSaid {
  readonly family: string;
  readonly name: string;
  readonly state: SourceState;
}

type Family = Map<string, SourceState>;
const none: ReadonlyMap<string, SourceState> = new Map();

export function createStates(): States {
  const families = new Map<string, Family>(first.map((family) => [family, new Map()]));
  const outOfStep = new Set<string>();
  let since: string | undefined;
  let texts: CompletenessTexts | undefined;

  function textsOf(): CompletenessTexts {
    const others = [...families.keys()].filter((family) => !first.includes(family)).sort();
    return completenessTexts(
      [...first, ...others].map((family) => [family, families.get(family)] as const),
      since,
    );
  }

  function note(family: string, name: string, state: SourceState | undefined): void {
    if (!ofTheCluster.has(family)) return;
    const key = `${family} ${name}`;
    if (!isOutOfStep(state?.state)) outOfStep.delete(key);
    else if (outOfStep.add(key).size === 1) since ??= state?.since;
    if (outOfStep.size === 0) since = undefined;
  }

  return {
    families: () => families.keys(),
    of: (family) => families.get(family) ?? none,
    set(family, name, state) {
      const before = families.get(family)?.get(name);
      if (before?.state === state?.state && before?.reason === state?.reason) return false;
      change(families, family, name, state);
      note(family, name, state);
      texts = undefined;
      return true;
    },
    restate(all, outOfStepSince) {
      families.clear();
      for (const family of first) families.set(family, new Map());
      outOfStep.clear();
      since = outOfStepSince;
      for (const { family, name, state } of all) {
        change(families, family, name, state);
        note(family, name, state);
      }
      since = outOfStepSince;
      texts = undefined;
    },
    texts: () => (texts ??= textsOf()),
    outOfStepSince: () => since,
  };
}

/** A family without sources is dropped, except the first ones. */
function change(families: Map<string, Family>, family: string, name: string, state: SourceState | undefined): void {
  const of = families.get(family) ?? new Map<string, SourceState>();
  if (state) families.set(family, of.set(name, state));
  else of.delete(name);
  if (of.size === 0 && !first.includes(family)) families.delete(family);
}
