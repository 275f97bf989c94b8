// Compact form of a claim's ends: most claims have only a target or only a fact, which is stored without a wrapper.
import type { End, Fact, KeyFact } from '../../relations/relation.ts';
import type { Ends } from './vertex.ts';

/** A target alone; a fact alone, as `INDEX KEY` if it has nothing else; or the whole. */
export type PackedEnds = End | Fact | string | Ends;

export function packed(ends: Ends): PackedEnds {
  const { source, target, states, when } = ends;
  if (source || when) return ends;
  if (states) return target ? ends : packedFact(states);
  return target ?? ends;
}

function packedFact(fact: Fact): PackedEnds {
  // Unpacking must restore the same key order: facts are compared as text.
  return 'index' in fact && Object.keys(fact).join() === 'index,key' ? keyOf(fact.index, fact.key) : fact;
}

export function keyOf(index: string, key: string): string {
  return `${index} ${key}`;
}

/** Key of the stated fact: the stored text itself, if possible. */
export function keyIn(kept: PackedEnds | undefined): string {
  if (typeof kept === 'string') return kept;
  const { states } = unpacked(kept) ?? {};
  const { index, key } = states as KeyFact;
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

/** Index names contain no space. */
function factOf(text: string): Fact {
  const space = text.indexOf(' ');
  return { index: text.slice(0, space), key: text.slice(space + 1) };
}
