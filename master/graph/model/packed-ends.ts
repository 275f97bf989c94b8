// The ends of a claim as they are kept: most claims have a target alone or state a fact alone, and keep nothing around it.
import type { End, Fact, KeyFact } from '../../relations/relation.ts';
import type { Ends } from './vertex.ts';

/** A target alone; a fact alone, as `INDEX KEY` where it is no more than that; or all that there is. */
export type PackedEnds = End | Fact | string | Ends;

export function packed(ends: Ends): PackedEnds {
  const { source, target, states, when } = ends;
  if (source || when) return ends;
  if (states) return target ? ends : packedFact(states);
  return target ?? ends;
}

function packedFact(fact: Fact): PackedEnds {
  // What is unpacked must be said in the same order: it is compared as text.
  return 'index' in fact && Object.keys(fact).join() === 'index,key' ? keyOf(fact.index, fact.key) : fact;
}

export function keyOf(index: string, key: string): string {
  return `${index} ${key}`;
}

/** The key of the fact that is stated: the text that is kept, where it is one. */
export function keyIn(kept: PackedEnds | undefined): string {
  if (typeof kept === 'string') return kept;
  const { index, key } = unpacked(kept)?.states as KeyFact;
  return keyOf(index, key);
}

export function unpacked(kept: PackedEnds | undefined): Ends | undefined {
  if (kept === undefined) return undefined;
  if (typeof kept === 'string') return stating(factOf(kept));
  if ('by' in kept) return { source: undefined, target: kept };
  return 'index' in kept || 'template' in kept ? stating(kept) : kept;
}

function stating(states: Fact): Ends {
  return { source: undefined, target: undefined, states };
}

/** No index has a space in its name. */
function factOf(text: string): Fact {
  const space = text.indexOf(' ');
  return { index: text.slice(0, space), key: text.slice(space + 1) };
}
