// Follows one kind of the API: lists it, watches it, and hands all of it to a sink. It never gives up and never throws.
//
//   it is                what happens                              then
//   ------------------   ---------------------------------------   -----------------------------------------------
//   listing              all pages came                            commit, `synced`; watching, or polling
//                        410 on a page                             abort; listing again, pages grow the second time
//                        413 (a page too large)                    abort; listing with smaller pages
//                        403                                       `forbidden`, emptied; listing after forbiddenRetry
//                        403, but it was listed before             trouble; listing; the third in a row is the above
//                        401                                       `forbidden`, kept; listing after a backoff
//                        404                                       `absent`, emptied; listing after a backoff
//                        405                                       `absent`, as 404
//                        429, 5xx, network, no JSON                trouble; listing after a backoff or Retry-After
//   watching             ADDED, MODIFIED, DELETED                  handed over; its version is the last good one
//                        BOOKMARK                                  its version is the last good one
//                        closed by the server, silent too long     watching from the last good version
//                        cut, cannot connect, 429, 5xx             trouble; backoff; watching from that version
//                        a line that is no event                   the same; the third in a row: listing
//                        410 as answer or as ERROR event           trouble; listing (the old objects stay until commit)
//                        401                                       listing, which then decides
//                        403, 405                                  polling
//                        404                                       listing, which then decides
//   polling              `refresh` has passed                      listing; after forbiddenRetry, watching
//
// Trouble that lasts longer than `grace` is `stale` with its reason; `synced` again when a watch stands or a list is
// whole. With namespaces, each has its own list and watch in one session and one state; those that are forbidden are
// named in the state's reason and the others are followed.
import type { Logger } from 'pino';
import { createBackoff, sleep } from '../../../src/backoff.ts';
import type { Clock } from '../../../src/clock.ts';
import { typeOf } from '../../../src/ids.ts';
import type { SourceState } from '../../../src/model.ts';
import type { Semaphore } from '../../../src/semaphore.ts';
import type { Kind } from '../../kinds/kind.ts';
import { ApiFailure, explain, failureOf, failureOfStatus } from './api-failure.ts';
import { withArrivals } from './arrivals.ts';
import { bodyOf, type Client } from './client.ts';
import { giveBack, leanOf, objectsOf, type Page, whole } from './page.ts';
import { listPages } from './paged-list.ts';
import type { EventType, ListSession, Sink } from './sink.ts';
import { createStanding, type Delay, type Standing } from './standing.ts';
import { Garbled, readEvents, type WatchEvent } from './watch-lines.ts';

export interface ReflectorOptions {
  readonly client: Client;
  readonly kind: Pick<Kind, 'kind' | 'group' | 'plural' | 'namespaced' | 'read'>;
  readonly version: string;
  /** Whether the API server offers to watch it at all. */
  readonly watchable: boolean;
  readonly sink: Sink;
  /** Absent or empty: all of the cluster. */
  readonly namespaces?: readonly string[];
  /** Shared by all reflectors: how many list at once. */
  readonly lists: Semaphore;
  readonly logger: Logger;
  /** Called when the API server no longer knows the kind. */
  readonly onAbsent?: () => void;
  /** Called after each list, whole or failed. */
  readonly onList?: () => void;
  /** Called after each event that was handed over, with the seconds since its bytes were read. */
  readonly onEvent?: (lag: number) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly delay?: Delay;
  readonly times?: Partial<ReflectorTimes>;
}

/** Milliseconds. */
export interface ReflectorTimes {
  /** Between two lists of a kind that cannot be watched. */
  readonly refresh: number;
  /** Until a forbidden kind is tried again. */
  readonly forbiddenRetry: number;
  /** How long trouble may last before it is told. */
  readonly grace: number;
  /** Silence after which a watch counts as lost. API servers send a bookmark a minute. */
  readonly stall: number;
  readonly backoffBase: number;
  readonly backoffCap: number;
}

export const usualTimes: ReflectorTimes = {
  refresh: 10_000,
  forbiddenRetry: 300_000,
  grace: 5_000,
  stall: 150_000,
  backoffBase: 500,
  backoffCap: 30_000,
};

export interface ReflectorHealth {
  readonly state: SourceState;
  readonly lists: { readonly ok: number; readonly failed: number };
  readonly watches: { readonly ok: number; readonly failed: number };
  /** Watches begun after the first, other than by a list. */
  readonly reconnects: number;
  readonly events: number;
  /** Watches that ended with a 410: the kind was listed anew. */
  readonly expired: number;
  /** Lines of a watch that were no event. */
  readonly garbled: number;
  /** Events that the sink could not keep. */
  readonly unkept: number;
  /** Milliseconds since the epoch; absent before the first event or bookmark. */
  readonly lastEventAt?: number;
  /** Lists in a row that the API server itself answered with an error of its own (5xx). */
  readonly serverErrors: number;
}

export interface Reflector {
  health(): ReflectorHealth;
  /** Resolves when nothing more will be handed over. */
  close(): Promise<void>;
}

const monotonic = (): number => performance.now();
const usualLimit = 500;
/** Several of a kind in a row are believed. */
const believed = 3;

export function createReflector(options: ReflectorOptions): Reflector {
  const run = new Run(options);
  const ended = run.loop();
  return {
    health: () => run.health(),
    async close() {
      run.stop();
      await ended;
    },
  };
}

/** What a watch comes to when it cannot go on. */
type Next = 'list' | 'poll' | 'stop';

interface Cursor {
  readonly namespace: string | undefined;
  /** The last good version. */
  version: string;
}

class Run {
  readonly #o: ReflectorOptions;
  readonly #times: ReflectorTimes;
  readonly #clock: Clock;
  readonly #delay: Delay;
  readonly #random: () => number;
  readonly #standing: Standing;
  readonly #stop = new AbortController();
  readonly #apiVersion: string;
  readonly #listBackoff;
  readonly #counts = {
    listsOk: 0,
    listsFailed: 0,
    watchesOk: 0,
    watchesFailed: 0,
    reconnects: 0,
    events: 0,
    expired: 0,
    garbled: 0,
    unkept: 0,
    serverErrors: 0,
  };
  #lastEventAt: number | undefined;
  #limit = usualLimit;
  #expiredLists = 0;
  #refusals = 0;
  #holds = false;
  #pollUntil = 0;

  constructor(options: ReflectorOptions) {
    this.#o = options;
    this.#times = { ...usualTimes, ...options.times };
    this.#clock = options.clock ?? Date.now;
    this.#delay = options.delay ?? sleep;
    this.#random = options.random ?? Math.random;
    const { kind, version, sink, logger } = options;
    this.#apiVersion = kind.group === '' ? version : `${kind.group}/${version}`;
    this.#listBackoff = this.#backoff();
    const type = typeOf(kind.group, kind.kind);
    this.#standing = createStanding({
      type,
      sink,
      logger,
      clock: this.#clock,
      delay: this.#delay,
      grace: this.#times.grace,
    });
  }

  health(): ReflectorHealth {
    const { listsOk, listsFailed, watchesOk, watchesFailed, ...counts } = this.#counts;
    return {
      state: this.#standing.current(),
      lists: { ok: listsOk, failed: listsFailed },
      watches: { ok: watchesOk, failed: watchesFailed },
      ...counts,
      ...(this.#lastEventAt === undefined ? {} : { lastEventAt: this.#lastEventAt }),
    };
  }

  stop(): void {
    this.#stop.abort();
    this.#standing.close();
  }

  async loop(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const cursors = await this.#list();
      if (cursors === undefined || signal.aborted) continue;
      const next = this.#mayWatch() ? await this.#watchAll(cursors) : 'poll';
      if (next === 'poll') await this.#poll();
    }
  }

  /** Undefined when it failed: what had to be waited for has been waited for. */
  async #list(): Promise<Cursor[] | undefined> {
    try {
      const cursors = await this.#listOnce();
      this.#o.onList?.();
      return cursors;
    } catch (error) {
      if (this.#stop.signal.aborted) return undefined;
      this.#counts.listsFailed += 1;
      await this.#listFailed(error);
      return undefined;
    }
  }

  async #listOnce(): Promise<Cursor[]> {
    const release = await this.#o.lists.acquire(this.#stop.signal);
    const session = this.#o.sink.list();
    try {
      const { cursors, refused } = await this.#listAll((page) => handOver(page, session));
      this.#stop.signal.throwIfAborted();
      await session.commit(cursors[0]?.version ?? '');
      this.#listed();
      this.#standing.listed(refused);
      return cursors;
    } catch (error) {
      session.abort();
      throw error;
    } finally {
      release();
    }
  }

  /** Every namespace, or the cluster. A refused namespace costs itself alone, unless all are refused. */
  async #listAll(hand: Hand) {
    const cursors: Cursor[] = [];
    const refusals: string[] = [];
    let refusal: unknown;
    for (const namespace of this.#scopes()) {
      try {
        cursors.push({ namespace, version: await this.#listScope(namespace, hand) });
      } catch (error) {
        if (!isRefusal(error) || namespace === undefined) throw error;
        refusals.push(`namespace ${namespace}: ${error.message}`);
        refusal = error;
      }
    }
    if (cursors.length === 0 && refusal !== undefined) throw new ApiFailure(403, refusals.join('; '));
    return { cursors, refused: refusals.length === 0 ? undefined : refusals.join('; ') };
  }

  /** One page is on its way to the sink while the next is handed over, and no more. */
  async #listScope(namespace: string | undefined, hand: Hand): Promise<string> {
    const { signal } = this.#stop;
    const [apiVersion, { kind }] = [this.#apiVersion, this.#o.kind];
    const path = this.#path(namespace);
    const request = { path, accept: this.#accept('List'), limit: this.#limit, signal, apiVersion, kind };
    let version = '';
    let before = Promise.resolve();
    for await (const { page, resourceVersion } of listPages(this.#o.client, request)) {
      version ||= resourceVersion;
      const handed = hand(page);
      // It is waited for a page later; should that never come, nobody is left to hear of its failure.
      handed.catch(() => undefined);
      await before;
      before = handed;
    }
    await before;
    return version;
  }

  #listed(): void {
    this.#counts.listsOk += 1;
    this.#counts.serverErrors = 0;
    this.#expiredLists = 0;
    this.#refusals = 0;
    this.#holds = true;
    this.#listBackoff.reset();
  }

  async #listFailed(error: unknown): Promise<void> {
    const status = error instanceof ApiFailure ? error.status : 0;
    this.#counts.serverErrors = status >= 500 ? this.#counts.serverErrors + 1 : 0;
    this.#refusals = status === 403 ? this.#refusals + 1 : 0;
    this.#o.onList?.();
    if (status === 410) return this.#listExpired(explain(error));
    if (status === 413) this.#limit = Math.max(1, this.#limit === 0 ? usualLimit : Math.floor(this.#limit / 4));
    if (status === 403 && (!this.#holds || this.#refusals >= believed)) return this.#forbidden(explain(error));
    if (status === 404 || status === 405) await this.#absent(explain(error));
    else if (status === 401) this.#standing.set('forbidden', explain(error));
    else this.#standing.trouble('list', explain(error));
    await this.#wait(this.#listBackoff.next(), error);
  }

  /** The pages took longer than the server remembers: fewer are quicker. */
  async #listExpired(reason: string): Promise<void> {
    this.#expiredLists += 1;
    if (this.#expiredLists === 1) return;
    this.#limit = this.#limit === 0 || this.#expiredLists > 3 ? 0 : this.#limit * 4;
    this.#standing.trouble('list', reason);
    await this.#wait(this.#listBackoff.next());
  }

  async #forbidden(reason: string): Promise<void> {
    this.#standing.set('forbidden', reason);
    await this.#empty();
    await this.#wait(this.#times.forbiddenRetry);
  }

  async #absent(reason: string): Promise<void> {
    this.#standing.set('absent', reason);
    await this.#empty();
    this.#o.onAbsent?.();
  }

  /** What nobody can look at any more is not shown as if somebody had. */
  async #empty(): Promise<void> {
    if (this.#holds) await this.#o.sink.list().commit('');
    this.#holds = false;
  }

  async #poll(): Promise<void> {
    await this.#wait(this.#times.refresh);
  }

  #mayWatch(): boolean {
    return this.#o.watchable && this.#clock() >= this.#pollUntil;
  }

  /** Watches every scope until one of them cannot go on; then all stop, for the next list is of all. */
  async #watchAll(cursors: readonly Cursor[]): Promise<Next> {
    const ended = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, ended.signal]);
    const outcomes: Next[] = [];
    const one = async (cursor: Cursor): Promise<void> => {
      const next = await this.#watch(cursor, signal);
      if (next !== 'stop') outcomes.push(next);
      ended.abort();
    };
    await Promise.all([this.#retryRefused(signal, ended), ...cursors.map(one)]);
    const [next = 'list'] = outcomes;
    if (next === 'poll') this.#pollUntil = this.#clock() + this.#times.forbiddenRetry;
    return next;
  }

  /** Namespaces that were refused are asked for again with the next list of all. */
  async #retryRefused(signal: AbortSignal, ended: AbortController): Promise<void> {
    if (this.#standing.current().state !== 'forbidden') return;
    await this.#delay(this.#times.forbiddenRetry, signal);
    ended.abort();
  }

  async #watch(cursor: Cursor, signal: AbortSignal): Promise<Next> {
    const backoff = this.#backoff();
    let garbled = 0;
    while (!signal.aborted) {
      const before = cursor.version;
      const failure = await this.#watchOnce(cursor, signal).then(() => undefined, asError);
      if (signal.aborted) break;
      const moved = cursor.version !== before;
      if (moved) backoff.reset();
      if (failure instanceof Garbled) this.#counts.garbled += 1;
      garbled = failure instanceof Garbled ? (moved ? 1 : garbled + 1) : 0;
      const next = garbled >= believed ? 'list' : this.#afterWatch(cursor, failure);
      if (next !== undefined) return next;
      this.#counts.reconnects += 1;
      if (!moved || failure !== undefined) await this.#wait(backoff.next(), failure, signal);
    }
    return 'stop';
  }

  /** Undefined when the same watch goes on from where it was. */
  #afterWatch(cursor: Cursor, failure: Error | undefined): Next | undefined {
    if (failure === undefined) return undefined;
    const status = failure instanceof ApiFailure ? failure.status : 0;
    if (status === 403 || status === 405) return 'poll';
    if (status === 410) this.#counts.expired += 1;
    this.#standing.trouble(partOf(cursor), explain(failure));
    return [401, 404, 410].includes(status) ? 'list' : undefined;
  }

  /** Resolves when the server ends the watch in order. */
  async #watchOnce(cursor: Cursor, signal: AbortSignal): Promise<void> {
    const { client } = this.#o;
    const headers = { accept: this.#accept('') };
    try {
      const stream = await client.stream(this.#path(cursor.namespace) + this.#watchQuery(cursor.version), {
        headers,
        signal,
        idle: this.#times.stall,
      });
      if (stream.status !== 200) throw failureOf({ ...stream, body: await bodyOf(stream.body) });
      this.#standing.recovered(partOf(cursor));
      this.#counts.watchesOk += 1;
      let came = 0;
      const chunks = withArrivals(stream.body, monotonic, (at) => {
        came = at;
      });
      await readEvents(
        chunks,
        (event) => this.#take(cursor, event, signal),
        (run) => this.#together(run, came),
      );
    } catch (error) {
      if (!signal.aborted) this.#counts.watchesFailed += 1;
      throw error;
    }
  }

  /** Events that came together are one change: where many wait, each of them costs less. */
  #together(run: () => void, came: number): void {
    const { sink, onEvent } = this.#o;
    const kept = () => this.#counts.events - this.#counts.unkept;
    const before = kept();
    try {
      if (sink.together) sink.together(run);
      else run();
    } finally {
      const lag = (monotonic() - came) / 1000;
      for (let n = before; n < kept(); n++) onEvent?.(lag);
    }
  }

  #take(cursor: Cursor, { type, object }: WatchEvent, signal: AbortSignal): void {
    // The bytes of a watch that was given up may still be in hand.
    signal.throwIfAborted();
    if (type === 'ERROR') throw failureOfStatus(object);
    const version = versionOf(object);
    if (type !== 'BOOKMARK') this.#handOver(type, object);
    cursor.version = version;
    this.#lastEventAt = this.#clock();
  }

  #handOver(type: string, object: { [field: string]: unknown }): void {
    if (!isEventType(type)) throw new Garbled(`an event of type ${type}`);
    this.#counts.events += 1;
    const it = whole(object, this.#apiVersion, this.#o.kind.kind);
    try {
      this.#o.sink.event(type, it);
    } catch (error) {
      this.#counts.unkept += 1;
      // Asking for the same event again would end the same: it costs this object alone.
      this.#o.logger.error(
        { err: error, kind: it.kind, namespace: it.metadata.namespace, name: it.metadata.name },
        'an event could not be kept',
      );
    }
  }

  /** Five to ten minutes, so that the watches of many reflectors do not end together. */
  #watchQuery(version: string): string {
    const seconds = 300 + Math.floor(this.#random() * 300);
    return `?watch=1&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${encodeURIComponent(version)}`;
  }

  #path(namespace: string | undefined): string {
    const root = this.#o.kind.group === '' ? '/api' : '/apis';
    const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
    return `${root}/${this.#apiVersion}${scope}/${this.#o.kind.plural}`;
  }

  /** No fallback to whole objects: of a Secret, its values must not even arrive. */
  #accept(suffix: '' | 'List'): string {
    if (this.#o.kind.read !== 'metadata') return 'application/json';
    return `application/json;as=PartialObjectMetadata${suffix};g=meta.k8s.io;v=v1`;
  }

  #scopes(): readonly (string | undefined)[] {
    const { kind, namespaces = [] } = this.#o;
    return kind.namespaced && namespaces.length > 0 ? namespaces : [undefined];
  }

  #backoff() {
    return createBackoff({ base: this.#times.backoffBase, cap: this.#times.backoffCap, random: this.#random });
  }

  async #wait(ms: number, failure?: unknown, signal: AbortSignal = this.#stop.signal): Promise<void> {
    const asked = failure instanceof ApiFailure ? (failure.retryAfter ?? 0) : 0;
    await this.#delay(Math.max(ms, asked), signal);
  }
}

/** Takes a page with its memory. */
type Hand = (page: Page) => Promise<void>;

async function handOver(page: Page, session: ListSession): Promise<void> {
  if (session.read) return session.read(page);
  try {
    session.page(objectsOf(leanOf(page)));
  } finally {
    giveBack(page.memory);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function isRefusal(error: unknown): error is ApiFailure {
  return error instanceof ApiFailure && error.status === 403;
}

function partOf({ namespace }: Cursor): string {
  return `watch ${namespace ?? ''}`;
}

function isEventType(type: string): type is EventType {
  return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED';
}

function versionOf({ metadata }: { readonly [field: string]: unknown }): string {
  const { resourceVersion } = (metadata ?? {}) as { readonly resourceVersion?: unknown };
  if (typeof resourceVersion !== 'string') throw new Garbled('an object without a version');
  return resourceVersion;
}
