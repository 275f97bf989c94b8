// How large V8's young generation may become. It doubles with each megabyte that outlives a collection, up to what a large cluster
// needs, and while a program loads everything does: a small cluster would keep sixteen megabytes of it, and fill three.
import { setFlagsFromString } from 'node:v8';

let isHeld = false;

/** In all threads, it stays as large as it is until `releaseYoungGeneration`. */
export function holdYoungGeneration(): void {
  isHeld = true;
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** It may grow from now on, as V8 has it by itself. Does nothing unless it was held. */
export function releaseYoungGeneration(): void {
  if (!isHeld) return;
  isHeld = false;
  setFlagsFromString('--semi-space-growth-factor=2');
}
