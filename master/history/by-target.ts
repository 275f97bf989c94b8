// The relations of a keyframe from their targets' side.
import type { Column } from './columns.ts';

/** The sources of each target, sorted. */
export function* byTarget(
  sources: Column,
  targets: Column,
  objects: number,
): Generator<readonly [number, Uint32Array]> {
  const starts = new Uint32Array(objects + 1);
  for (let i = 0; i < targets.length; i++) starts[targets.at(i) + 1] = (starts[targets.at(i) + 1] ?? 0) + 1;
  for (let t = 0; t < objects; t++) starts[t + 1] = (starts[t + 1] ?? 0) + (starts[t] ?? 0);
  const sorted = new Uint32Array(sources.length);
  const next = starts.slice();
  for (let i = 0; i < sources.length; i++) {
    const t = targets.at(i);
    const at = next[t] ?? 0;
    sorted[at] = sources.at(i);
    next[t] = at + 1;
  }
  for (let t = 0; t < objects; t++) {
    const [from = 0, to = 0] = [starts[t], starts[t + 1]];
    // Several relations of one source to it are adjacent.
    if (to > from) yield [t, sorted.slice(from, to).filter((s, i, all) => i === 0 || all[i - 1] !== s)];
  }
}
