// Follows one kind of the API: lists it, watches it and delivers everything to a sink. It never gives up and never throws.
// phase.ts has the state machine, watch.ts the end of a watch; this file performs the actions.
//
// Trouble makes the kind `stale` at once, with the reason; a running watch or complete list makes it `synced` again. With
// several namespaces, each has its own list and watch, but they share a session and a state; forbidden ones are named in
// the reason and the others are followed.
import { sleep } from '../../../src/backoff.ts';
import type { Clock } from '../../../src/clock.ts';
import { typeOf } from '../../../src/ids.ts';
import { ApiFailure, explain } from './api-failure.ts';
import { createCounts } from './counts.ts';
import { createLister, type Listed } from './lister.ts';
import {
  type AfterFailure,
  beginning,
  type ListCause,
  type Listing,
  listAgain,
  listFailed,
  listSucceeded,
  type Phase,
  type Polling,
  type WatchEnd,
  type Watching,
  watchEnded,
} from './phase.ts';
import {
  type Reflector,
  type ReflectorHealth,
  type ReflectorOptions,
  type ReflectorTimes,
  usualTimes,
} from './reflector-options.ts';
import { createRequests } from './requests.ts';
import { createStanding, type Delay, type Standing } from './standing.ts';
import { isBefore, laterOf, OtherHistory } from './versions.ts';
import { followWatch, type WatchContext } from './watch.ts';

export type { Reflector, ReflectorHealth, ReflectorOptions, ReflectorTimes } from './reflector-options.ts';

export function createReflector(options: ReflectorOptions): Reflector {
  const follower = new KindFollower(options);
  const ended = follower.run();
  return {
    health: () => follower.health(),
    resync: (cause = 'asked') => follower.resync(cause),
    async close() {
      follower.stop();
      await ended;
    },
  };
}

type Interruption = Parameters<Reflector['resync']>[0] & string;

class KindFollower {
  readonly #o: ReflectorOptions;
  readonly #times: ReflectorTimes;
  readonly #clock: Clock;
  readonly #delay: Delay;
  readonly #random: () => number;
  readonly #standing: Standing;
  readonly #counts = createCounts();
  readonly #stop = new AbortController();
  readonly #lister;
  readonly #watch: WatchContext;
  /** Aborts waiting or watching in order to list. */
  #interrupt = new AbortController();
  #asked: ((failure: string | undefined) => void)[] = [];

  constructor(options: ReflectorOptions) {
    const {
      kind: { group, kind },
      client,
      sink,
      lists,
      logger,
      clock = Date.now,
      delay = sleep,
      random = Math.random,
    } = options;
    this.#o = options;
    this.#times = { ...usualTimes, ...options.times };
    [this.#clock, this.#delay, this.#random] = [clock, delay, random];
    const { grace, refresh } = this.#times;
    this.#standing = createStanding({ type: typeOf(group, kind), sink, logger, clock, delay, grace, refresh });
    const requests = createRequests(options);
    this.#lister = createLister({ client, kind, requests, sink, lists, signal: this.#stop.signal });
    this.#watch = {
      ...{ client, kind, requests, sink, logger, clock, random, standing: this.#standing },
      ...{ counts: this.#counts, times: this.#times, onEvent: options.onEvent, onCut: options.onCut },
      backOff: (tries, failure, signal) => this.#delay(this.#waitFor(tries, failure), signal),
    };
  }

  health(): ReflectorHealth {
    const { listsOk, listsFailed, watchesOk, watchesFailed, lastEventAt, ...counts } = this.#counts;
    return {
      state: this.#standing.current(),
      lists: { ok: listsOk, failed: listsFailed },
      watches: { ok: watchesOk, failed: watchesFailed },
      ...counts,
      ...(lastEventAt === undefined ? {} : { lastEventAt }),
    };
  }

  resync(cause: Interruption): Promise<string | undefined> {
    if (this.#stop.signal.aborted) return Promise.resolve(closing);
    return new Promise((resolve) => {
      this.#asked.push(resolve);
      this.#interrupt.abort(cause);
    });
  }

  stop(): void {
    this.#stop.abort();
    this.#standing.close();
  }

  async run(): Promise<void> {
    let phase: Phase = beginning;
    while (!this.#stop.signal.aborted) phase = await this.#step(phase);
    this.#answer(this.#asked, closing);
  }

  #step(phase: Phase): Promise<Phase> {
    switch (phase.at) {
      case 'listing':
        return this.#list(phase);
      case 'watching':
        return this.#follow(phase);
      case 'polling':
        return this.#poll(phase);
    }
  }

  async #list(before: Listing): Promise<Phase> {
    // Repeated fruitless lists back off.
    if (before.fruitless > 1) await this.#rest(this.#waitFor(before.fruitless - 1));
    const listing = { ...before, cause: this.#takeInterruption() ?? before.cause };
    const asked = this.#asked;
    this.#asked = [];
    try {
      const listed = await this.#lister.list({ limit: listing.limit, distrust: isDistrusting(listing) });
      this.#answer(asked, undefined);
      return this.#listed(listing, listed);
    } catch (error) {
      this.#answer(asked, explain(error));
      return this.#stop.signal.aborted ? listing : this.#failed(listing, error);
    }
  }

  #listed(listing: Listing, { cursors, refused }: Listed): Phase {
    this.#counts.listsOk += 1;
    this.#counts.causes[listing.cause] += 1;
    this.#counts.failures = 0;
    const next = listSucceeded(listing, cursors, { now: this.#clock(), watchable: this.#o.watchable });
    const again = this.#historyOf(listing, next);
    if (again === undefined) this.#standing.listed(refused, next.at === 'polling' ? 'poll' : 'watch');
    this.#o.onList?.();
    return again ?? next;
  }

  /** A list of another history whose objects were matched by version with stored ones is invalid. */
  #historyOf(listing: Listing, { last, ...learned }: Watching | Polling): Listing | undefined {
    if (!isBefore(last, listing.last)) return undefined;
    const failure = new OtherHistory(last, listing.last, 'a list came');
    if (listing.cause !== 'history') this.#tellHistory(failure.message, listing.fruitless);
    if (isDistrusting(listing)) return undefined;
    this.#standing.trouble('list', failure.message);
    return listAgain({ ...learned, last, fruitless: listing.fruitless + 1 }, 'history');
  }

  #tellHistory(reason: string, before: number): void {
    const { logger, kind, onOtherHistory } = this.#o;
    this.#counts.histories += 1;
    const type = typeOf(kind.group, kind.kind);
    // Some APIs have unordered versions.
    logger[before > 1 ? 'debug' : 'warn']({ kind: type, reason }, `${type}: another history, listed again`);
    onOtherHistory?.(reason);
  }

  async #failed(listing: Listing, error: unknown): Promise<Phase> {
    const status = error instanceof ApiFailure ? error.status : 0;
    const reason = explain(error);
    this.#counts.listsFailed += 1;
    this.#counts.failures += 1;
    const after = listFailed(listing, { status, reason }, this.#times);
    this.#o.onList?.();
    await this.#tell(after, reason);
    const { wait } = after;
    await this.#rest('ms' in wait ? wait.ms : this.#waitFor(wait.tries, error));
    return after.next;
  }

  async #tell({ tell, empties }: AfterFailure, reason: string): Promise<void> {
    if (tell === 'trouble') this.#standing.trouble('list', reason);
    else if (tell !== 'nothing') this.#standing.set(tell, reason);
    if (empties) await this.#o.sink.list().commit('');
    if (tell === 'absent') this.#o.onAbsent?.();
  }

  /** Watches all scopes until one cannot continue; then all stop, because the next list covers all. */
  async #follow(watching: Watching): Promise<Phase> {
    const ended = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, this.#interrupt.signal, ended.signal]);
    const ends: WatchEnd[] = [];
    const one = async (reached: Promise<WatchEnd>): Promise<void> => {
      ends.push(await reached);
      ended.abort();
    };
    const watches = watching.cursors.map((cursor) => followWatch(this.#watch, cursor, signal));
    await Promise.all([...watches, this.#retryRefused(watching, signal)].map(one));
    const [end = asked(watching)] = ends;
    if (end.next === 'history') this.#tellHistory(end.reason, watching.fruitless);
    if (end.next === 'poll') this.#standing.followed('poll');
    return watchEnded(
      watching,
      { ...end, last: ends.map(({ last }) => last).reduce(laterOf, '') },
      this.#clock(),
      this.#times,
    );
  }

  /** Tries forbidden namespaces again with the next list. */
  async #retryRefused(watching: Watching, signal: AbortSignal): Promise<WatchEnd> {
    if (this.#standing.current().state === 'forbidden') await this.#delay(this.#times.forbiddenRetry, signal);
    else await aborted(signal);
    return signal.aborted ? asked(watching) : { ...asked(watching), next: 'retry' };
  }

  async #poll(polling: Polling): Promise<Phase> {
    await this.#rest(this.#times.refresh);
    return listAgain(polling, 'poll');
  }

  /** Waits, unless a list is requested. */
  #rest(ms: number): Promise<void> {
    return ms === 0 ? Promise.resolve() : this.#delay(ms, AbortSignal.any([this.#stop.signal, this.#interrupt.signal]));
  }

  #takeInterruption(): ListCause | undefined {
    const { signal } = this.#interrupt;
    if (!signal.aborted) return undefined;
    this.#interrupt = new AbortController();
    return signal.reason as Interruption;
  }

  #answer(asked: readonly ((failure: string | undefined) => void)[], failure: string | undefined): void {
    for (const resolve of asked) resolve(failure);
  }

  /** Between half the ceiling and the ceiling, which doubles with each try; longer if the server asks. */
  #waitFor(tries: number, failure?: unknown): number {
    const { backoffBase, backoffCap } = this.#times;
    const ceiling = Math.min(backoffCap, backoffBase * 2 ** (tries - 1));
    const asked = failure instanceof ApiFailure ? (failure.retryAfter ?? 0) : 0;
    return Math.max(Math.round(ceiling / 2 + (this.#random() * ceiling) / 2), asked);
  }
}

const closing = 'the process is ending';

/** Stored objects may be wrong or of another history: an equal version proves nothing. */
function isDistrusting({ cause }: Listing): boolean {
  return cause === 'history' || cause === 'asked' || cause === 'repair';
}

function asked({ last }: Watching): WatchEnd {
  return { next: 'asked', reason: '', last };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
