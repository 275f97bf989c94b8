// Keeps the process alive where its objects say more of one another than memory holds. Selectors make as many relations as a
// part of the heap allows. Where what is in use after a collection comes near the heap's limit all the same, no relations
// are added, and those that are there are taken back, of selectors and of names, the largest namespace's first, until there is
// room. Everything it does is part of `completeness`.
import { constants, PerformanceObserver } from 'node:perf_hooks';
import type { Logger } from '../src/logger.ts';
import { repeat } from '../src/repeat.ts';
import { noLimit, type RelationLimit } from './graph/engine/relation-limit.ts';
import { heapNow, type Use } from './telemetry/process-metrics.ts';

/** Heap bytes reserved per relation from selectors. One takes about 120, and 250 outside of the heap. */
const heapForEach = 2048;
/** Heap bytes of an empty master: code, rules, a small cluster. */
const heapOfItsOwn = 96 << 20;
/** Shares of the heap limit. */
const closeAbove = 0.85;
const openBelow = 0.7;
/** Factors applied per check while there is no room, and while there is. */
const shrink = 0.8;
const growth = 1.25;
/** Consecutive checks with room before anything is added again. */
const calmLooks = 15;
/** References that are given up at a look: what goes takes memory itself until it is gone. */
const givenUpAtOnce = 5_000;

/** Bytes of V8's limit for the young generation, which long-lived objects cannot use. */
const young = 48 << 20;

/** Long-lived bytes, and the limit at which the process ends. */
function lastingHeap(): Use {
  const { used, limit } = heapNow();
  return { used, limit: Math.max(limit / 2, limit - young) };
}

export interface MemoryGuardOptions {
  readonly logger: Pick<Logger, 'error' | 'warn' | 'info'>;
  readonly heap?: () => Use;
  /** Current number of relations from selectors. */
  readonly shown: () => number;
  /** How many references of objects are followed at the moment. */
  readonly followed: () => number;
  /** Makes the graph apply the limit. */
  readonly apply: () => void;
  /** Lists everything again, to read omitted references. */
  readonly resync: () => void;
}

/** For a graph built once, as by the command line. */
export function limitFor({ limit }: Pick<Use, 'limit'> = lastingHeap()): RelationLimit {
  const room = limit > 2 * heapOfItsOwn ? limit - heapOfItsOwn : limit / 2;
  return { ...noLimit, selected: Math.floor(room / heapForEach) };
}

/** Share of the heap limit for the change log. */
const partOfLog = 1 / 12;
const mostOfLog = 64 << 20;

/** Share of the heap for findings' dependency notes, and bytes per note. */
const partOfNotes = 0.1;
const bytesOfNote = 200;

/** Maximum notes in this process; none are added while the guard is closed. */
export function notesFor({ limit }: Pick<Use, 'limit'> = lastingHeap()): number {
  return Math.floor((Math.max(limit - heapOfItsOwn, limit / 4) * partOfNotes) / bytesOfNote);
}

/** Bytes of changes kept by a graph in this process. */
export function logBytesFor({ limit }: Pick<Use, 'limit'> = lastingHeap()): number {
  return Math.floor(Math.min(mostOfLog, limit * partOfLog));
}

export class MemoryGuard implements RelationLimit {
  selected: number;
  followed = Number.POSITIVE_INFINITY;
  readonly ofOneObject = noLimit.ofOneObject;
  closed = false;
  readonly #most: number;
  readonly #heap: () => Use;
  /** Live bytes after the last full collection. */
  #living = 0;
  /** Whether that value is still to be processed. */
  #isFresh = false;
  #calm = 0;

  constructor(heap: () => Use = lastingHeap) {
    this.#heap = heap;
    this.#most = limitFor(heap()).selected;
    this.selected = this.#most;
  }

  /** Call after a full collection. */
  collected(): void {
    this.#living = this.#heap().used;
    this.#isFresh = true;
  }

  /** Call every few seconds and after each full collection. */
  look(options: MemoryGuardOptions): void {
    const { used, limit } = this.#heap();
    // Bytes in use are an upper bound of live bytes: they prove room, but not the lack of it.
    const living = Math.min(this.#living, used);
    if (living >= closeAbove * limit) return this.#close(options);
    this.#calm = living < openBelow * limit ? this.#calm + 1 : 0;
    if (this.#calm < calmLooks) return;
    if (this.closed) this.#open(options);
    else if (this.selected < this.#most) this.#give(options);
  }

  #close({ logger, shown, followed, apply }: MemoryGuardOptions): void {
    this.#calm = 0;
    if (!this.#isFresh) return;
    this.#isFresh = false;
    const before = Math.min(this.selected, shown());
    // The first time nothing is withdrawn: garbage may still be on its way out.
    this.selected = this.closed ? Math.floor(before * shrink) : before;
    if (this.closed) this.followed = stepDown(Math.min(this.followed, followed()));
    if (!this.closed) logger.warn({ relations: before }, closedWords);
    this.closed = true;
    apply();
  }

  #open({ logger, apply, resync }: MemoryGuardOptions): void {
    this.closed = false;
    this.followed = Number.POSITIVE_INFINITY;
    logger.info('there is room in the heap again: relations are added, and everything is listed again');
    apply();
    resync();
  }

  #give({ apply }: MemoryGuardOptions): void {
    this.#calm = 0;
    this.selected = Math.min(this.#most, Math.ceil(this.selected * growth) + 1000);
    apply();
  }
}

/** Never more than `givenUpAtOnce` below what there is: what is over the limit goes with the transaction that hears of it. */
function stepDown(followed: number): number {
  return Math.max(Math.floor(followed * shrink), followed - givenUpAtOnce);
}

const closedWords =
  'The heap is nearly full: no relations are added, and those of the largest namespaces are taken back, until there is ' +
  'room. Give it more with NODE_OPTIONS=--max-old-space-size=MiB, or read fewer kinds or namespaces';

/** Milliseconds between two checks. */
const period = 2_000;

/** Checks from now on. Returns a function that stops it. */
export function watchMemory(guard: MemoryGuard, options: MemoryGuardOptions): () => void {
  const look = () => guard.look(options);
  const observer = new PerformanceObserver((list) => {
    if (!list.getEntries().some(isOfWholeHeap)) return;
    guard.collected();
    try {
      look();
    } catch (err) {
      options.logger.error({ err }, 'the limit of relations could not be applied');
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  const stop = repeat(period, look, options.logger);
  return () => {
    observer.disconnect();
    stop();
  };
}

function isOfWholeHeap(entry: PerformanceEntry & { readonly detail?: unknown }): boolean {
  return (entry.detail as { readonly kind?: unknown } | undefined)?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
