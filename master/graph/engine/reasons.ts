// Equal reasons of thousands of claims, stored once.
import type { Rule } from '../../relations/relation.ts';
import type { SourcedReference } from '../contract.ts';
import { flagsOf } from '../model/flags.ts';
import type { Notes, Reason } from '../model/vertex.ts';

/** Maximum number stored: hostile objects can have ever different fields. */
const mostReasons = 100_000;

export function createReasons(): (said: SourcedReference) => Reason {
  const byRule = new Map<Rule, Map<string, Reason[]>>();
  let count = 0;

  function keep(byField: Map<string, Reason[]>, reason: Reason): Reason {
    if (++count > mostReasons) return reason;
    const same = byField.get(reason.field);
    if (same) same.push(reason);
    else byField.set(reason.field, [reason]);
    return reason;
  }

  return ({ rule, reference }) => {
    const { field } = reference;
    const flags = flagsOf(reference);
    if (reference.notes) return { rule, field, flags, notes: reference.notes as Notes };
    let byField = byRule.get(rule);
    if (!byField) byRule.set(rule, (byField = new Map()));
    const known = byField.get(field)?.find((each) => each.flags === flags);
    return known ?? keep(byField, { rule, field, flags, notes: undefined });
  };
}
