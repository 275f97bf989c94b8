// How V8 collects the heap of a master, most of which lives as long as the cluster.
//
// The texts of the graph lie outside of the heap, hundreds of megabytes of them, and V8 looks through all of the heap after
// every 64 MB that such memory has grown by, however much there is: ten times while a large cluster is listed first, twice a
// minute while a thousand objects a second change. With the first flag the limit grows with what is there. Where V8 does not
// know it (before 14, of Node 26) it stays as it was.
//
// Left to itself V8 lets the heap grow to its fourfold while much is allocated, which is when the cluster is listed, and by a
// fifth of it while little is, which is when every look through it delays events. With the second flag it doubles.
import { setFlagsFromString } from 'node:v8';

export function calmGarbageCollection(version = process.versions.v8): void {
  if (Number.parseInt(version, 10) >= 14) setFlagsFromString('--external-memory-accounted-in-global-limit');
  setFlagsFromString('--heap-growing-percent=100');
}
