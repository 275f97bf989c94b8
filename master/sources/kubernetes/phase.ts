// The state machine for following one kind: phases as a type, transitions as pure functions. The reflector carries them
// out.
//
//   phase                what happens                              then
//   ------------------   ---------------------------------------   -----------------------------------------------
//   listing              all pages came                            commit, `synced` or `polled`; watching, or polling
//                        its version is lower than the last        the same, told as another history
//                        410 on a page                             abort; listing again, pages grow the second time
//                        413 (a page too large)                    abort; listing with smaller pages
//                        403                                       `forbidden`, emptied; listing after forbiddenRetry
//                        403, but it was listed before             trouble; listing; the third in a row is the above
//                        401                                       `forbidden`, kept; listing after a backoff
//                        404, 405                                  `absent`, emptied; listing after a backoff
//                        anything else, no list, no network        trouble; listing after a backoff or Retry-After
//   watching             it cannot go on (watch.ts says when)      trouble; listing, after a backoff where the watches
//                                                                  after earlier lists did not hold either
//                        it may not be watched                     `polled`; polling
//   polling              `refresh` has passed                      listing; after forbiddenRetry, watching
//   any                  it is asked for                           listing
import type { ReflectorTimes } from './reflector-options.ts';
import { laterOf } from './versions.ts';

/** Why a kind is listed. */
export type ListCause =
  | 'first'
  /** It cannot be watched. */
  | 'poll'
  /** The API server no longer has the version of the watch. */
  | 'expired'
  /** The API server kept rejecting or closing the watch at one version. */
  | 'refused'
  /** A version decreased: a restored backup, or another cluster at the same address. */
  | 'history'
  /** The watch was silent for minutes although the version advanced. */
  | 'silent'
  /** On request. */
  | 'asked'
  /** A verification found a difference. */
  | 'repair'
  /** Forbidden namespaces are tried again. */
  | 'retry';

export const listCauses: readonly ListCause[] = [
  'first',
  'poll',
  'expired',
  'refused',
  'history',
  'silent',
  'asked',
  'repair',
  'retry',
];

/** State that survives a change of phase. */
interface Learned {
  /** Objects per page; 0 for all in one. */
  readonly limit: number;
  /** The highest version seen; empty if none. */
  readonly last: string;
  /** Do not watch before this time, in milliseconds since the epoch. */
  readonly watchFrom: number;
  /** Consecutive lists after which no watch lasted. */
  readonly fruitless: number;
}

export interface Listing extends Learned {
  readonly at: 'listing';
  readonly cause: ListCause;
  /** Whether the sink shows an earlier list. */
  readonly holds: boolean;
  /** Consecutive failed lists; of these, consecutive 403s; and the number of 410s. */
  readonly failures: number;
  readonly refusals: number;
  readonly expired: number;
}

export interface Cursor {
  /** Undefined for the whole cluster. */
  readonly namespace: string | undefined;
  /** The version to watch from. */
  readonly version: string;
}

export interface Watching extends Learned {
  readonly at: 'watching';
  readonly cursors: readonly Cursor[];
  /** Milliseconds since the epoch. */
  readonly since: number;
}

export interface Polling extends Learned {
  readonly at: 'polling';
}

export type Phase = Listing | Watching | Polling;

export interface ListFailure {
  /** 0 without an answer. */
  readonly status: number;
  readonly reason: string;
}

/** The consequence of a failed list. */
export interface AfterFailure {
  readonly next: Listing;
  readonly tell: 'forbidden' | 'absent' | 'trouble' | 'nothing';
  /** Data that can no longer be read is not shown as current. */
  readonly empties: boolean;
  /** Milliseconds, or the number of consecutive tries for the backoff. */
  readonly wait: { readonly ms: number } | { readonly tries: number };
}

/** Why a watch ended: the cause of the next list, or `poll` if watching is not allowed. */
export interface WatchEnd {
  readonly next: ListCause | 'poll';
  readonly reason: string;
  /** The highest version it saw. */
  readonly last: string;
}

const usualLimit = 500;
/** Consecutive refusals until they are believed. */
export const believed = 3;

export const beginning: Listing = {
  at: 'listing',
  cause: 'first',
  holds: false,
  failures: 0,
  refusals: 0,
  expired: 0,
  limit: usualLimit,
  last: '',
  watchFrom: 0,
  fruitless: 0,
};

export function listSucceeded(
  { limit, watchFrom, fruitless }: Listing,
  cursors: readonly Cursor[],
  { now, watchable }: { readonly now: number; readonly watchable: boolean },
): Watching | Polling {
  const last = cursors.map(({ version }) => version).reduce(laterOf, '');
  const learned = { limit, last, watchFrom, fruitless };
  return watchable && now >= watchFrom
    ? { at: 'watching', cursors, since: now, ...learned }
    : { at: 'polling', ...learned };
}

export function listFailed(listing: Listing, { status }: ListFailure, times: ReflectorTimes): AfterFailure {
  const failures = listing.failures + 1;
  const refusals = status === 403 ? listing.refusals + 1 : 0;
  const next: Listing = { ...listing, failures, refusals };
  const again = { next, empties: false, wait: { tries: failures } };
  if (status === 410) return listExpired(next);
  if (status === 403 && (!listing.holds || refusals >= believed))
    return {
      next: { ...next, holds: false },
      tell: 'forbidden',
      empties: listing.holds,
      wait: { ms: times.forbiddenRetry },
    };
  if (status === 401) return { ...again, tell: 'forbidden' };
  if (status === 404 || status === 405)
    return { ...again, next: { ...next, holds: false }, tell: 'absent', empties: listing.holds };
  const limit = status === 413 ? smaller(listing.limit) : listing.limit;
  return { ...again, next: { ...next, limit }, tell: 'trouble' };
}

/** The list outlived the server's history: fewer, larger pages are quicker. */
function listExpired(listing: Listing): AfterFailure {
  const { limit } = listing;
  const expired = listing.expired + 1;
  if (expired === 1) return { next: { ...listing, expired }, tell: 'nothing', empties: false, wait: { ms: 0 } };
  const larger = limit === 0 || expired > 3 ? 0 : limit * 4;
  const next = { ...listing, expired, limit: larger };
  return { next, tell: 'trouble', empties: false, wait: { tries: listing.failures } };
}

function smaller(limit: number): number {
  return Math.max(1, limit === 0 ? usualLimit : Math.floor(limit / 4));
}

/** If the watch lasted some time, the list was worthwhile, however the watch ended. */
export function watchEnded(watching: Watching, end: WatchEnd, now: number, times: ReflectorTimes): Listing | Polling {
  const { limit, watchFrom } = watching;
  const last = laterOf(watching.last, end.last);
  if (end.next === 'poll') return { at: 'polling', limit, last, fruitless: 0, watchFrom: now + times.forbiddenRetry };
  const held = now - watching.since >= times.calm;
  return listAgain({ limit, last, watchFrom, fruitless: held ? 0 : watching.fruitless + 1 }, end.next);
}

export function listAgain({ limit, last, watchFrom, fruitless }: Learned, cause: ListCause): Listing {
  return { ...beginning, cause, holds: true, limit, last, watchFrom, fruitless };
}
