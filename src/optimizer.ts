// When V8's optimizing compilers may work. While a program starts, most code runs a few times only: what they make of it is thrown
// away or never used, and takes a sixth of the processor time of a start. Baseline code and the interpreter need none of it. Nor does a
// process at rest.
import { setFlagsFromString } from 'node:v8';
import { type MonotonicClock, type MonotonicTime, monotonicClock } from './clock.ts';

const compilers = ['opt', 'maglev'] as const;
/** Microseconds of processor time: what has not started by then has hot loops, which are several times slower without them. */
const most = 2_000_000;
const look = 100;
let held: NodeJS.Timeout | undefined;

/**
 * Nothing more is optimized until `releaseOptimizer`, or until the process has taken `atMost` microseconds of processor time. Call
 * before the program is loaded: compiled code is kept for each set of flags.
 */
export function holdOptimizer(atMost = most): void {
  for (const each of compilers) setFlagsFromString(`--no-${each}`);
  clearTimeout(held);
  lookLater(atMost);
}

function lookLater(atMost: number): void {
  held = setTimeout(() => {
    if (timeTaken() > atMost) releaseOptimizer();
    else lookLater(atMost);
  }, look).unref();
}

/** Processor time of all threads, in microseconds, that may come together at rest; and its share of the time, which does not count. */
const burst = 1_000_000;
const little = 0.1;

/**
 * Held after a start, for as long as the process does little, which then needs no quick code: the compilers are 9 MiB of Node's program
 * that nothing else touches. Held for threads as well, so that their time counts, too.
 */
export class RestingOptimizer {
  readonly #taken: () => number;
  readonly #clock: MonotonicClock;
  #before: { readonly taken: number; readonly at: MonotonicTime };
  #level = 0;

  constructor(taken = timeTaken, clock = monotonicClock) {
    this.#taken = taken;
    this.#clock = clock;
    this.#before = this.#now();
    // The start is over: what it took does not count any more.
    clearTimeout(held);
  }

  /** Call every few seconds. Releases the optimizer once there is work. */
  look(): void {
    const { taken, at } = this.#before;
    this.#before = this.#now();
    const free = (this.#before.at - at) * 1000 * little;
    this.#level = Math.max(0, this.#level + this.#before.taken - taken - free);
    if (this.#level > burst) releaseOptimizer();
  }

  #now() {
    return { taken: this.#taken(), at: this.#clock() };
  }
}

function timeTaken(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** What runs often is optimized from now on. Does nothing unless it was held. */
export function releaseOptimizer(): void {
  if (held === undefined) return;
  clearTimeout(held);
  held = undefined;
  for (const each of compilers) setFlagsFromString(`--${each}`);
}

/** Calls after which code is so hot that to optimize it costs less than to run it, in a program that is otherwise not optimized. */
const hotAfter = 10_000;

/**
 * Optimizes, in a process that was started without optimizing compilers, what runs ten thousand times, with the quick one of both
 * compilers. A few megabytes; call it when there is such work.
 */
export function optimizeHotCode(): void {
  setFlagsFromString(`--invocation-count-for-maglev=${hotAfter}`);
  setFlagsFromString('--maglev');
}
