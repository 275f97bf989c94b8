// Follows the watch of one namespace, or of the cluster, from a version on, and tells why it cannot continue.
//
//   what happens                                   then
//   --------------------------------------------   -------------------------------------------------------------
//   ADDED, MODIFIED, DELETED                       handed over; its version is where the watch stands
//   BOOKMARK                                       its version is where the watch stands
//   a version lower than where it stands           ends: another history
//   closed in order after the usual time           the check below, then watching from where it stands
//   silent for too long                            the check, which may end it: silent; then watching from there
//   cut, no answer, 4xx, 5xx, an ERROR event       trouble; backoff, the check, watching from where it stands
//   a line that is no event, closed at once        the same
//   the third of these without a step ahead        ends: refused
//   410 as answer or as ERROR event                ends: expired
//   401, 404                                       ends: refused; the list then decides
//   403, 405                                       ends: it may not be watched
//
// The check before a watch restarts lists one object and compares the version of the answer: a server that is behind
// accepts a watch from its future and then sends nothing. If the server is unreachable, only the check waits for it.
import type { Logger } from 'pino';
import type { Clock } from '../../../src/clock.ts';
import { ApiFailure, explain, failureOf, failureOfStatus } from './api-failure.ts';
import { withArrivals } from './arrivals.ts';
import { bodyOf, type Client } from './client.ts';
import type { Counts } from './counts.ts';
import { deliver } from './deliver.ts';
import { metaOf } from './list-text.ts';
import { listOf, whole } from './page.ts';
import { believed, type Cursor, type WatchEnd } from './phase.ts';
import type { ReflectorTimes } from './reflector-options.ts';
import type { Requests } from './requests.ts';
import type { EventType, KindEvent, Sink } from './sink.ts';
import type { Standing } from './standing.ts';
import { isBefore, isOrdered, laterOf, OtherHistory } from './versions.ts';
import { Garbled, readEvents, type WatchEvent } from './watch-lines.ts';

export interface WatchContext {
  readonly client: Client;
  readonly kind: string;
  readonly requests: Requests;
  readonly sink: Sink;
  readonly standing: Standing;
  readonly counts: Counts;
  readonly times: ReflectorTimes;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Waits for the backoff of that many consecutive failures, or as long as the server asks. */
  readonly backOff: (tries: number, failure: unknown, signal: AbortSignal) => Promise<void>;
  readonly onEvent?: ((lag: number) => void) | undefined;
  /** The connection broke or cannot be made: the server may be another one afterwards. */
  readonly onCut?: (() => void) | undefined;
}

/** For the answer to a check: milliseconds without a byte, and maximum bytes. */
const checkIdle = 30_000;
const checkBytes = 4 << 20;

const endsAtOnce = 'its watch ends as soon as it begins';

const monotonic = (): number => performance.now();

/** Resolves when it cannot continue, or as `asked` after `signal` aborts; never rejects. */
export async function followWatch(context: WatchContext, cursor: Cursor, signal: AbortSignal): Promise<WatchEnd> {
  return new ScopeWatch(context, cursor, signal).follow();
}

class ScopeWatch {
  readonly #c: WatchContext;
  readonly #namespace: string | undefined;
  readonly #part: string;
  readonly #signal: AbortSignal;
  /** The version it has reached. */
  #version: string;
  /** When the version last advanced, or was found equal to the server's. */
  #movedAt: number;
  /** Consecutive attempts that the server ended without progress. */
  #fruitless = 0;
  #tries = 0;

  constructor(context: WatchContext, { namespace, version }: Cursor, signal: AbortSignal) {
    this.#c = context;
    this.#namespace = namespace;
    this.#part = `watch ${namespace ?? ''}`;
    this.#signal = signal;
    this.#version = version;
    this.#movedAt = context.clock();
  }

  async follow(): Promise<WatchEnd> {
    let end = await this.#attempt();
    while (end === undefined && !this.#signal.aborted) end = (await this.#check()) ?? (await this.#attempt());
    return end ?? this.#end('asked');
  }

  /** Runs one watch to its end; undefined if another may follow. */
  async #attempt(): Promise<WatchEnd | undefined> {
    const { clock, times, counts } = this.#c;
    const [before, began] = [this.#version, clock()];
    const failure = await this.#watchOnce().then(() => undefined, asError);
    if (this.#signal.aborted) return undefined;
    const moved = this.#version !== before;
    const silent = isSilence(failure, clock() - Math.max(began, this.#movedAt), times);
    if (moved) this.#fruitless = this.#tries = 0;
    else if (silent) this.#tries = 0;
    else if (failure !== undefined || clock() - began < times.calm) this.#fruitless += 1;
    if (failure instanceof Garbled) counts.garbled += 1;
    if (!silent && isCut(failure)) this.#c.onCut?.();
    // A quiet kind on a server without bookmarks is fine: the check tells at once whether the server is there.
    const end = silent ? undefined : this.#endOf(failure);
    if (end !== undefined) return end;
    counts.reconnects += 1;
    if (!silent && (!moved || failure !== undefined)) await this.#backOff(failure);
    return undefined;
  }

  #endOf(failure: Error | undefined): WatchEnd | undefined {
    const status = failure instanceof ApiFailure ? failure.status : 0;
    if (failure !== undefined && (status === 403 || status === 405)) return this.#end('poll', failure);
    if (failure !== undefined) this.#c.standing.trouble(this.#part, explain(failure));
    if (failure instanceof OtherHistory) return this.#end('history', failure);
    if (status === 410) this.#c.counts.expired += 1;
    if (status === 410) return this.#end('expired', failure);
    if (status === 401 || status === 404) return this.#end('refused', failure);
    if (this.#fruitless < believed) return undefined;
    if (failure === undefined) this.#c.standing.trouble(this.#part, endsAtOnce);
    return this.#end('refused', failure);
  }

  #end(next: WatchEnd['next'], failure?: Error): WatchEnd {
    return { next, reason: failure === undefined ? '' : explain(failure), last: this.#version };
  }

  /** Checks whether the server is at this version or ahead. Undefined if the watch may restart. */
  async #check(): Promise<WatchEnd | undefined> {
    while (!this.#signal.aborted) {
      const answer = await this.#versionOfServer().catch(asError);
      if (typeof answer === 'string') return this.#compare(answer);
      // The server ignores `limit`, and the whole kind is too much for a check.
      if (answer instanceof ApiFailure && answer.status === 413) return undefined;
      if (this.#signal.aborted) break;
      this.#c.standing.trouble(this.#part, explain(answer));
      if (!(answer instanceof ApiFailure)) this.#c.onCut?.();
      else if (isFinal(answer.status) || ++this.#fruitless >= believed) return this.#end('refused', answer);
      await this.#backOff(answer);
    }
    return undefined;
  }

  #compare(version: string): WatchEnd | undefined {
    const { clock, times } = this.#c;
    if (isBefore(version, this.#version)) {
      const failure = new OtherHistory(version, this.#version, 'its list stands');
      this.#c.standing.trouble(this.#part, failure.message);
      return this.#end('history', failure);
    }
    if (version === this.#version) this.#movedAt = clock();
    // Without bookmarks a quiet kind looks like this: list it, without reporting trouble.
    return clock() - this.#movedAt < 2 * times.stall ? undefined : this.#end('silent');
  }

  async #versionOfServer(): Promise<string> {
    const { client, requests, times } = this.#c;
    const answer = await client.get(`${requests.path(this.#namespace)}?limit=1`, {
      headers: { accept: requests.acceptMetadataList },
      signal: this.#signal,
      idle: Math.min(times.stall, checkIdle),
      limit: checkBytes,
      purpose: 'where a watch begins',
    });
    if (answer.status !== 200) throw failureOf(answer);
    return metaOf(listOf(answer.body.toString()).metadata).resourceVersion;
  }

  /** Resolves when the server ends the watch in order. */
  async #watchOnce(): Promise<void> {
    const { client, requests, times, counts, standing } = this.#c;
    const isFromHere = isOrdered(this.#version);
    try {
      const stream = await client.stream(requests.path(this.#namespace) + this.#query(), {
        headers: { accept: requests.acceptObject },
        signal: this.#signal,
        idle: times.stall,
        purpose: 'watch',
      });
      if (stream.status !== 200) throw failureOf({ ...stream, body: await bodyOf(stream.body) });
      standing.recovered(this.#part);
      standing.followed('watch');
      counts.watchesOk += 1;
      let came = 0;
      const chunks = withArrivals(stream.body, monotonic, (at) => {
        came = at;
      });
      for await (const events of readEvents(chunks)) this.#take(events, isFromHere, came);
    } catch (error) {
      if (!this.#signal.aborted) counts.watchesFailed += 1;
      throw error;
    }
  }

  /** Five to ten minutes, so that the watches of many reflectors do not end together. */
  #query(): string {
    const seconds = 300 + Math.floor(this.#c.random() * 300);
    return `?watch=1&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${encodeURIComponent(this.#version)}`;
  }

  /** Hands over what arrived together, up to the first event that ends this watch. */
  #take(arrived: readonly WatchEvent[], isFromHere: boolean, came: number): void {
    const events: KindEvent[] = [];
    try {
      for (const one of arrived) events.push(...this.#accepted(one, isFromHere));
    } finally {
      if (events.length > 0) this.#handOver(events, came);
    }
  }

  /**
   * Nothing for a bookmark. A watch without a version starts with all objects in any order: only one from a version must be
   * ordered.
   */
  #accepted({ type, object }: WatchEvent, isFromHere: boolean): KindEvent[] {
    const { requests, kind, clock, counts } = this.#c;
    // Bytes of an aborted watch may still arrive.
    this.#signal.throwIfAborted();
    if (type === 'ERROR') throw failureOfStatus(object);
    const version = versionOf(object);
    // Old API servers send deleted objects with their previous version.
    if (isFromHere && type !== 'DELETED' && isBefore(version, this.#version))
      throw new OtherHistory(version, this.#version, type === 'BOOKMARK' ? 'a bookmark came' : 'an event came');
    if (type !== 'BOOKMARK' && !isEventType(type)) throw new Garbled(`an event of type ${type}`);
    this.#version = laterOf(this.#version, version);
    this.#movedAt = clock();
    counts.lastEventAt = this.#movedAt;
    return type === 'BOOKMARK' ? [] : [{ type, object: whole(object, requests.apiVersion, kind) }];
  }

  #handOver(events: readonly KindEvent[], came: number): void {
    const { counts, sink, logger, onEvent } = this.#c;
    counts.events += events.length;
    const unkept = deliver(sink, events);
    counts.unkept += unkept.length;
    // Asking again would fail again: only these objects are lost.
    for (const { object, error } of unkept) {
      const { namespace, name } = object.metadata;
      logger.error({ err: error, kind: object.kind, namespace, name }, 'an event could not be kept');
    }
    const lag = (monotonic() - came) / 1000;
    for (let n = unkept.length; n < events.length; n++) onEvent?.(lag);
  }

  #backOff(failure: Error | undefined): Promise<void> {
    this.#tries += 1;
    return this.#c.backOff(this.#tries, failure, this.#signal);
  }
}

function isCut(failure: Error | undefined): boolean {
  return failure !== undefined && ![ApiFailure, Garbled, OtherHistory].some((kind) => failure instanceof kind);
}

/** It lasted as long as silence may: the loss says nothing about the version. */
function isSilence(failure: Error | undefined, lasted: number, { stall }: ReflectorTimes): boolean {
  return isCut(failure) && lasted >= 0.9 * stall;
}

/** Answers to a check that another try will not improve: a full list decides. */
function isFinal(status: number): boolean {
  return [401, 403, 404, 405, 410].includes(status);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function isEventType(type: string): type is EventType {
  return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED';
}

function versionOf({ metadata }: { readonly [field: string]: unknown }): string {
  const { resourceVersion } = (metadata ?? {}) as { readonly resourceVersion?: unknown };
  if (typeof resourceVersion !== 'string') throw new Garbled('an object without a version');
  return resourceVersion;
}
