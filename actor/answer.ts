// An action as people, programs and gateways are told it. Pure.
import { redactTree } from '../src/redact.ts';
import type { Values } from './action.ts';
import type { Entry } from './ledger.ts';

/** The part of an entry that callers see; the rest is internal to the ledger. */
export function answerOf({
  action,
  state,
  at,
  proposed,
  approved,
  why,
  difference,
  original,
  applied,
  note,
}: Entry): object {
  return {
    id: action.id,
    state,
    at,
    action,
    proposed,
    ...(approved && { approved }),
    ...(why && { why }),
    ...(difference && { difference }),
    ...(original && { original: shown(original) }),
    ...(applied && { applied: shown(applied) }),
    ...(note && { note }),
  };
}

/** The ledger keeps values exactly, to set them again. */
function shown(values: Values): Values {
  const copy = structuredClone(values);
  redactTree(copy);
  return copy;
}
