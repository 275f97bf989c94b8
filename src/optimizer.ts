// When V8's optimizing compilers may work. While a program starts, most code runs a few times only: what they make of it is thrown
// away or never used, and takes a sixth of the processor time of a start. Baseline code and the interpreter need none of it.
import { setFlagsFromString } from 'node:v8';

const compilers = ['opt', 'maglev'] as const;
let isHeld = false;

/** From now on nothing more is optimized. Call before the program is loaded: compiled code is kept for each set of flags. */
export function holdOptimizer(): void {
  for (const each of compilers) setFlagsFromString(`--no-${each}`);
  isHeld = true;
}

/** What runs often is optimized from now on. Does nothing unless it was held. */
export function releaseOptimizer(): void {
  if (!isHeld) return;
  isHeld = false;
  for (const each of compilers) setFlagsFromString(`--${each}`);
}
