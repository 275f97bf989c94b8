// Keeps the process of a small cluster small. A start leaves garbage that V8 collects when it needs the room, which is never where
// little happens: half of the memory of a small cluster. So it is collected as soon as the process is at rest, and again when much
// has come together. It takes as long as what is left is large: a large heap is left to V8.
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type MonotonicClock, type MonotonicTime, monotonicClock } from '../src/clock.ts';

/** Bytes of a heap that is collected here. What is left of it is marked at once: some 50 ms of two cores for the heap of 10,000 objects. */
const most = 128 << 20;
/** Bytes that may be left for it to be collected again. */
const small = 64 << 20;
/** Bytes that must have come since the last collection. */
const worth = 12 << 20;
/** Milliseconds between two collections. */
const rest = 600_000;
/** Share of the time between two looks for which a process at rest may work, and above which it needs room more than it needs to be small. */
const little = 0.1;
const busy = 0.5;

/** What the process is asked, and what is done. */
export interface HeapAccess {
  /** Bytes of V8's heap, with what is free in it. */
  readonly held: () => number;
  /** Of the event loop; since `before` if it is given. */
  readonly utilization: (before?: EventLoopUtilization) => EventLoopUtilization;
  readonly collect: () => void;
  readonly clock: MonotonicClock;
  /** Called once, when the heap is not small any more, or is worked with all the time. */
  readonly onLarge: () => void;
}

export class SmallHeap {
  readonly #access: HeapAccess;
  #before: EventLoopUtilization;
  /** Bytes after the last collection. */
  #left = 0;
  #collectedAt: MonotonicTime | undefined;
  /** It was at rest before. */
  #isStarted = false;
  #isLarge = false;

  constructor(access: Pick<HeapAccess, 'onLarge'> & Partial<HeapAccess>) {
    this.#access = { held, utilization, collect: collectGarbage, clock: monotonicClock, ...access };
    this.#before = this.#access.utilization();
  }

  /** Call every few seconds: at rest is a process that did little since the last look. */
  look(): void {
    if (this.#isLarge) return;
    const share = this.#shareWorked();
    const held = this.#access.held();
    if (held > most || (this.#isStarted && share > busy)) this.#becomeLarge();
    else if (share < little) this.#lookAtRest(held);
  }

  #shareWorked(): number {
    const { utilization: share } = this.#access.utilization(this.#before);
    this.#before = this.#access.utilization();
    return share;
  }

  #lookAtRest(held: number): void {
    this.#isStarted = true;
    if (held > this.#left + worth && this.#hasRested()) this.#collect();
  }

  #hasRested(): boolean {
    return this.#collectedAt === undefined || this.#access.clock() - this.#collectedAt >= rest;
  }

  #collect(): void {
    this.#access.collect();
    this.#left = this.#access.held();
    this.#collectedAt = this.#access.clock();
    if (this.#left > small) this.#becomeLarge();
  }

  #becomeLarge(): void {
    this.#isLarge = true;
    this.#access.onLarge();
  }
}

const held = () => getHeapStatistics().total_heap_size;
const utilization = (before?: EventLoopUtilization) => performance.eventLoopUtilization(before);

/**
 * Collects all garbage at once, and gives the room back. Node has no function for it: V8 makes one in new contexts while a flag is
 * set, which is taken back so that compiled code is still taken from where it is kept for a set of flags.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: NodeJS.GCFunction = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major', flavor: 'last-resort', execution: 'sync' });
}
