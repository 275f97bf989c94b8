// Watch: replays events since a version, then follows; bookmarks, initial events, timeout. A watch is one open response;
// its frames are shared by all watches of the same form.
import type { ServerResponse } from 'node:http';
import type { Stored } from './bytes.ts';
import type { StreamFault } from './faults.ts';
import { filterOf } from './list.ts';
import { bookmarkFrame, eventFrame, frame, type Representation } from './represent.ts';
import type { ResourceRequest } from './request.ts';
import type { Filter } from './selectors.ts';
import { badRequest, StatusError, tooOld } from './status.ts';
import type { Collection, Storage, StoreEvent } from './storage.ts';

export interface WatchOptions {
  /** Milliseconds between bookmarks; 0 for explicit ones only. */
  readonly bookmarkPeriod: number;
  /** Lifetime of a watch without a timeout from the client, in seconds. */
  readonly watchTimeout: number;
}

/** Bytes that may wait for a slow client before its watch is closed, as in the API server. */
const bufferLimit = 256 * 1024 * 1024;

export class Watch {
  readonly resource: string;
  readonly #form: Representation;
  readonly #response: ServerResponse;
  readonly #storage: Storage;
  readonly #filter: Filter | undefined;
  readonly #namespace: string | undefined;
  readonly #bookmarks: boolean;
  readonly #faults: StreamFault[];
  #events = 0;
  /** Bookmarks of older versions are not sent. */
  #from = 0;
  #held: Buffer[] | undefined;
  #unsubscribe: (() => void) | undefined;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(
    resource: string,
    request: ResourceRequest,
    query: URLSearchParams,
    form: Representation,
    response: ServerResponse,
    storage: Storage,
    faults: StreamFault[],
  ) {
    this.resource = resource;
    this.#form = form;
    this.#response = response;
    this.#storage = storage;
    this.#filter = filterOf(request, query);
    this.#namespace = request.namespace;
    this.#bookmarks = query.get('allowWatchBookmarks') === 'true' || query.get('allowWatchBookmarks') === '1';
    this.#faults = faults;
  }

  start(query: URLSearchParams, collection: Collection, options: WatchOptions): void {
    const start = startOf(query);
    this.#from = start.from ?? 0;
    this.#response.on('close', () => this.stop());
    this.#response.flushHeaders();
    this.#checkFaults();
    if (start.from !== undefined && start.from < collection.floor)
      return this.#fail(tooOld(start.from, collection.floor));
    if (start.from === undefined) for (const stored of collection.sorted()) this.#initial(stored);
    else for (const event of collection.since(start.from)) this.#event(event);
    if (start.initialEvents) this.bookmark(this.#storage.version(), true);
    this.#unsubscribe = collection.subscribe((event) => {
      if (event === 'gone') this.end();
      // A watch from a future version is accepted and silent until then.
      else if (event.version > (start.from ?? 0)) this.#event(event);
    });
    this.#startTimers(query, options);
  }

  /** Sends a bookmark if the client accepts them. */
  bookmark(version: number, initialEventsEnd = false): void {
    if (version < this.#from) return;
    if (this.#bookmarks || initialEventsEnd) this.#write(bookmarkFrame(this.#form, version, initialEventsEnd));
  }

  /** Ends the stream in order, with a last bookmark. */
  end(): void {
    if (this.#response.destroyed || this.#response.writableEnded) return;
    this.bookmark(this.#storage.version());
    this.stop();
    this.#response.end();
  }

  stop(): void {
    this.#unsubscribe?.();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #startTimers(query: URLSearchParams, options: WatchOptions): void {
    const seconds = Number(query.get('timeoutSeconds') || options.watchTimeout);
    this.#timers.push(setTimeout(() => this.end(), seconds * 1000));
    if (options.bookmarkPeriod > 0) {
      this.#timers.push(setInterval(() => this.bookmark(this.#storage.version()), options.bookmarkPeriod));
    }
    for (const timer of this.#timers) timer.unref();
  }

  #initial(stored: Stored): void {
    if (this.#sees(stored)) this.#send(frame(this.#form, 'ADDED', stored));
  }

  /** An object that starts or stops matching the selector is an addition or removal for this watch. */
  #event(event: StoreEvent): void {
    const sees = this.#sees(event.object);
    if (!this.#filter || event.type === 'ADDED') return sees ? this.#send(eventFrame(this.#form, event)) : undefined;
    const saw = event.before !== undefined && this.#sees(event.before);
    if (event.type === 'DELETED') return saw ? this.#send(eventFrame(this.#form, event)) : undefined;
    if (sees && saw) this.#send(eventFrame(this.#form, event));
    else if (sees) this.#send(frame(this.#form, 'ADDED', event.object));
    else if (saw) this.#send(frame(this.#form, 'DELETED', event.object));
  }

  #sees(stored: Stored): boolean {
    if (this.#namespace !== undefined && stored.namespace !== this.#namespace) return false;
    return this.#filter === undefined || this.#filter(stored);
  }

  #send(bytes: Buffer): void {
    this.#write(bytes);
    this.#events++;
    this.#checkFaults();
  }

  #write(bytes: Buffer): void {
    if (this.#response.destroyed || this.#response.writableEnded) return;
    if (this.#held) return void this.#held.push(bytes);
    this.#response.write(bytes);
    if (this.#response.writableLength > bufferLimit) this.#response.destroy();
  }

  #fail(error: StatusError): void {
    this.#write(Buffer.from(`${JSON.stringify({ type: 'ERROR', object: error.body })}\n`));
    this.stop();
    this.#response.end();
  }

  #checkFaults(): void {
    for (const fault of this.#faults) if (this.#events === fault.after) this.#goWrong(fault);
  }

  #goWrong(fault: StreamFault): void {
    if (this.#response.destroyed || this.#response.writableEnded) return;
    const wrong: { readonly [effect in StreamFault['effect']]: () => void } = {
      cut: () => this.#cut(),
      end: () => void this.#response.end(),
      error: () =>
        this.#fail(new StatusError(fault.code ?? 500, fault.reason ?? 'InternalError', 'out of order on purpose')),
      expire: () => this.#fail(tooOld(this.#storage.version() - 1, this.#storage.version())),
      truncate: () => void this.#response.end('{"type":"MODIFIED","object":{"kind":"P'),
      garbage: () => void this.#response.write('\u0000\u0007not json at all\n'),
      stall: () => this.#hold(fault.ms),
    };
    wrong[fault.effect]();
  }

  /** Written data is still sent; the end of the stream is not. */
  #cut(): void {
    this.stop();
    this.#held = [];
    const { socket } = this.#response;
    setImmediate(() => socket?.destroySoon());
  }

  /** Holds everything back for `ms`, or for ever if undefined. */
  #hold(ms: number | undefined): void {
    this.#held = [];
    if (ms === undefined) return;
    const release = () => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const bytes of held) this.#write(bytes);
    };
    this.#timers.push(setTimeout(release, ms));
  }
}

interface Start {
  /** Follow from this version; undefined sends all objects first. */
  readonly from: number | undefined;
  readonly initialEvents: boolean;
}

function startOf(query: URLSearchParams): Start {
  const version = query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(version))
    throw badRequest(`Invalid value: "${version}": strconv.ParseUint: parsing "${version}": invalid syntax`);
  if (query.get('sendInitialEvents') !== 'true') return { from: Number(version) || undefined, initialEvents: false };
  if (query.get('resourceVersionMatch') !== 'NotOlderThan') {
    throw new StatusError(
      422,
      'Invalid',
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  }
  return { from: undefined, initialEvents: true };
}
