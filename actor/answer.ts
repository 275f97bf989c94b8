// An action as people, programs and gateways are told it. Pure.
import type { Entry } from './ledger.ts';

/** What people and programs are told of it; the rest is the ledger's own. */
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
    ...(original && { original }),
    ...(applied && { applied }),
    ...(note && { note }),
  };
}
