// How V8 collects the heap of a master. The texts of the graph lie outside of the heap, hundreds of megabytes of them, and
// V8 looks through all of the heap after every 64 MB that such memory has grown by, however much there is: ten times while
// a large cluster is listed first, twice a minute while a thousand objects a second change. With the first flag the limit grows
// with what is there; with the second the heap at most doubles before it is looked through, where V8 would let what is
// listed fast grow to nearly three times. Where V8 does not know the first (before 14, of Node 26) all stays as it was.
import { setFlagsFromString } from 'node:v8';

export function calmCollector(version = process.versions.v8): void {
  if (Number.parseInt(version, 10) < 14) return;
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  setFlagsFromString('--heap-growing-percent=100');
}
