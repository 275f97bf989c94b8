// Counters of a reflector.
import { type ListCause, listCauses } from './phase.ts';

export interface Counts {
  listsOk: number;
  listsFailed: number;
  watchesOk: number;
  watchesFailed: number;
  reconnects: number;
  events: number;
  expired: number;
  histories: number;
  garbled: number;
  unkept: number;
  /** Consecutive failed lists. */
  failures: number;
  lastEventAt: number | undefined;
  readonly causes: { [cause in ListCause]: number };
}

export function createCounts(): Counts {
  return {
    listsOk: 0,
    listsFailed: 0,
    watchesOk: 0,
    watchesFailed: 0,
    reconnects: 0,
    events: 0,
    expired: 0,
    histories: 0,
    garbled: 0,
    unkept: 0,
    failures: 0,
    lastEventAt: undefined,
    causes: Object.fromEntries(listCauses.map((cause) => [cause, 0])) as { [cause in ListCause]: number },
  };
}
