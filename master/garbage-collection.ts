// Settings of V8's garbage collection for a master, whose heap mostly lives as long as the cluster.
//
// The graph's texts are outside of the heap, hundreds of megabytes. V8 scans the whole heap after each 64 MB of growth in
// such memory, whatever the total: ten times during the initial list of a large cluster, twice a minute under a thousand
// changes per second. With the first flag the threshold grows with the total. Older V8 versions (before 14 in Node 26) do
// not know it and keep the old behaviour.
//
// By default V8 lets the heap grow fourfold while much is allocated, during the initial list, and by a fifth while little
// is, when each scan delays events. With the second flag it doubles.
//
// A small heap needs neither: a scan of it delays nothing, and a fifth is what keeps it small. See also small-heap.ts.
import { setFlagsFromString } from 'node:v8';
import { releaseYoungGeneration } from '../src/young-generation.ts';

export function calmGarbageCollection(version = process.versions.v8): void {
  if (Number.parseInt(version, 10) >= 14) setFlagsFromString('--external-memory-accounted-in-global-limit');
  setFlagsFromString('--heap-growing-percent=100');
  releaseYoungGeneration();
}
