// When V8's optimizing compilers may work. While a program starts, most code runs a few times only: what they make of it is thrown
// away or never used, and takes a sixth of the processor time of a start. Baseline code and the interpreter need none of it.
import { setFlagsFromString } from 'node:v8';

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
    const { user, system } = process.cpuUsage();
    if (user + system > atMost) releaseOptimizer();
    else lookLater(atMost);
  }, look).unref();
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
