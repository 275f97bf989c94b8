// `completeness` as text: the known gaps of the graph. The short form has counts and exceptions and is part of every
// answer; the full form lists every source.
import type { SourceState } from '../../../src/model.ts';

export type States = ReadonlyMap<string, SourceState>;
type State = SourceState['state'];

export interface CompletenessTexts {
  readonly short: string;
  readonly full: string;
}

/** States that need no explanation. */
const settled: ReadonlySet<State> = new Set(['synced', 'polled', 'absent', 'excluded']);

/** Whether everything that exists is known. A kind that the API server does not serve has no objects. */
export function isSure(state: State | undefined): boolean {
  return state === 'synced' || state === 'polled' || state === 'absent';
}

/** Whether shown data may be outdated. A source in state `unknown` shows nothing, possibly forever. */
export function isOutOfStep(state: State | undefined): boolean {
  return state === 'syncing' || state === 'stale';
}

/** Families in display order. `since`: when the first source fell out of step, if one has. */
export function completenessTexts(
  families: readonly (readonly [string, States | undefined])[],
  since: string | undefined,
): CompletenessTexts {
  const all = families.map(([name, states = new Map<string, SourceState>()]) => [name, states] as const);
  // No known kind means that nothing was read.
  const complete = (all[0]?.[1].size ?? 0) > 0 && all.every(([, states]) => isWhole(states));
  const reason = complete ? undefined : reasonOf(all);
  const head = { complete, ...(reason ? { reason } : {}), ...(since ? { since } : {}) };
  const counts = Object.fromEntries(all.filter(isShown).map(([name, states]) => [name, countsOf(states)]));
  const exceptions = all.map(([name, states]) => [name, exceptionsOf(states)] as const).filter(isShown);
  // Each change of a source makes new texts, and few are asked for in full: what they would say is kept.
  const kept = all.filter(isShown).map(([name, states]) => [name, new Map(states)] as const);
  let full: string | undefined;
  return {
    short: textOf(head, counts, exceptions),
    get full() {
      full ??= textOf(head, counts, kept);
      return full;
    },
  };
}

/** `kinds` and `minions` are always shown. */
function isShown([name, states]: readonly [string, States]): boolean {
  return states.size > 0 || name === 'kinds' || name === 'minions';
}

function isWhole(states: States): boolean {
  for (const { state } of states.values()) if (!settled.has(state)) return false;
  return true;
}

function exceptionsOf(states: States): States {
  return new Map([...states].filter(([, { state }]) => !settled.has(state)));
}

function textOf(head: object, counts: object, families: readonly (readonly [string, States])[]): string {
  const shown = families.map(([name, states]) => [name, Object.fromEntries(sorted(states))] as const);
  return JSON.stringify({ ...head, counts, ...Object.fromEntries(shown) });
}

function sorted(states: States): [string, SourceState][] {
  return [...states].sort(([a], [b]) => (a < b ? -1 : 1));
}

function countsOf(states: States): { readonly [state: string]: number } {
  const counts = new Map<string, number>();
  for (const { state } of states.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Wording of each exception, most severe first. */
const words: readonly (readonly [State, string])[] = [
  ['syncing', 'not read yet'],
  ['unknown', 'not known'],
  ['stale', 'stale'],
  ['partly', 'seen in part'],
  ['forbidden', 'forbidden'],
];
const mostNamed = 3;

/** One sentence. A problem of the whole API server comes first, in its own words. */
function reasonOf(families: readonly (readonly [string, States])[]): string {
  const whole = families.find(([name]) => name === 'groups')?.[1].get('*');
  const said = whole !== undefined && !settled.has(whole.state) ? [whole.reason ?? 'the API server is not known'] : [];
  const others = words.flatMap(([state, word]) =>
    families.flatMap(([name, states]) => sentenceOf(name, states, state, word)),
  );
  return [...said, ...others].join('; ') || 'nothing was read yet';
}

function sentenceOf(family: string, states: States, state: State, word: string): string[] {
  const names = [...states].flatMap(([name, one]) => (one.state === state && name !== '*' ? [name] : [])).sort();
  if (names.length === 0) return [];
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return [`${family} ${word}: ${names.slice(0, mostNamed).join(', ')}${more}`];
}
