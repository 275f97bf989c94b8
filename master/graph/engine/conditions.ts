// The plain references that a conditional reference currently yields, possibly none.
import type { Condition, End, FirstEnd, Granted, NameEnd, Reference } from '../../relations/relation.ts';
import type { SourcedReference } from '../contract.ts';
import { saidByFlags } from '../model/flags.ts';
import { keyOf } from '../model/packed-ends.ts';
import type { SpokenClaim } from '../model/vertex.ts';
import type { Facts } from './facts.ts';

/** Maximum number of values filled in: one object may state any number, and many may take them. */
export const mostFilled = 100;

/** The keys of the facts that decide the condition. */
export function keysOfCondition(when: Condition): string[] {
  if ('unless' in when) return [keyOf(when.unless.index, when.unless.key)];
  if ('given' in when) return [keyOf(when.given.index, when.given.key)];
  return when.anyOf.map((key) => keyOf(when.index, key));
}

/** How many values are not filled in because there are too many. */
export function notFilledIn(when: Condition, facts: Facts): number {
  if (!('given' in when) || !when.fill) return 0;
  return Math.max(0, facts.valuesOf(keyOf(when.given.index, when.given.key)).length - mostFilled);
}

/** `isKnown`: whether all objects of a type in a namespace are known. */
export function outcomeOf(
  { reason, ends }: SpokenClaim,
  facts: Facts,
  isKnown: (type: string, namespace: string) => boolean,
): SourcedReference[] {
  const { rule, field, flags, notes } = reason;
  const { source, target, when } = ends as { source?: End; target?: End; when: Condition };
  const plain: Reference = {
    field,
    ...(source ? { source } : {}),
    ...(target ? { target } : {}),
    ...saidByFlags(flags),
    ...(notes ? { notes } : {}),
  };
  const [key = ''] = keysOfCondition(when);
  if ('unless' in when) return facts.has(key) ? [] : [{ rule, reference: plain }];
  if (!('given' in when)) return [{ rule, reference: granted(plain, when, facts, isKnown) }];
  const { fill } = when;
  if (!fill) return facts.has(key) ? [{ rule, reference: plain }] : [];
  const values = facts.valuesOf(key).slice(0, mostFilled);
  return values.map((value) => ({ rule, reference: filled(plain, fill, value) }));
}

function granted(
  reference: Reference,
  when: Granted,
  facts: Facts,
  isKnown: (type: string, namespace: string) => boolean,
): Reference {
  if (keysOfCondition(when).some((key) => facts.has(key))) {
    return { ...reference, notes: { ...reference.notes, granted: true } };
  }
  if (!isKnown(when.grantedBy, when.namespace)) {
    return { ...reference, notes: { ...reference.notes, needsReferenceGrant: true } };
  }
  // Nothing depends on a refused reference.
  return { ...reference, dependence: 'none', notes: { ...reference.notes, granted: false } };
}

function filled(reference: Reference, fill: 'type' | 'name', value: string): Reference {
  const side = reference.target ? 'target' : 'source';
  return { ...reference, [side]: filledEnd(reference[side] as End, fill, value) };
}

function filledEnd(end: End, fill: 'type' | 'name', value: string): End {
  if (end.by !== 'first') return { ...end, [fill]: value } as End;
  const of = end.of.map((each) => filledEnd(each, fill, value)) as FirstEnd['of'];
  return end.otherwise ? { ...end, of, otherwise: filledEnd(end.otherwise, fill, value) as NameEnd } : { ...end, of };
}
