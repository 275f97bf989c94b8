// Distances to one vertex from all vertices on the shortest paths from another. Searches from both ends, always from the
// one with less to explore, which is far less work than a search from one end.
import type { Steps } from '../../../src/steps.ts';
import type { Vertex } from '../model/vertex.ts';
import type { VertexMap } from '../model/vertex-map.ts';
import { createVertexMap } from '../model/vertex-map.ts';
import { each, type ReadView } from '../revisions/read-view.ts';
import type { Step } from './traverse.ts';
import { neighboursOf } from './traverse.ts';

/** The vertices reached from one end with their distances, and the newest of them. */
interface Side {
  readonly found: VertexMap<number>;
  border: readonly Vertex[];
  distance: number;
  readonly step: Step;
}

/** Distances to `to`: exact, but also for some vertices off the paths; lacks `from` if there is no path. */
export function* shortestWays(
  view: ReadView,
  from: Vertex,
  to: Vertex,
  step: Step,
  back: Step,
): Steps<VertexMap<number>> {
  const ahead = sideAt(from, step);
  const behind = sideAt(to, back);
  let met: readonly Vertex[] = from === to ? [from] : [];
  while (met.length === 0 && ahead.border.length > 0 && behind.border.length > 0) {
    const [near, far] = ahead.border.length < behind.border.length ? [ahead, behind] : [behind, ahead];
    met = yield* widen(view, near, far);
  }
  // Walks back from the meeting points to `from`, along the path only.
  const distances = behind.found;
  for (let left = ahead.distance; left > 0; left--)
    met = yield* before(view, met, ahead.found, left - 1, distances, behind.distance + ahead.distance, back);
  return distances;
}

function sideAt(end: Vertex, step: Step): Side {
  const found = createVertexMap<number>();
  found.set(end, 0);
  return { found, border: [end], distance: 0, step };
}

/** Extends one side by one relation. Returns the vertices where both searches meet. */
function* widen(view: ReadView, side: Side, other: Side): Steps<readonly Vertex[]> {
  const met: Vertex[] = [];
  const next: Vertex[] = [];
  side.distance++;
  for (const vertex of side.border) {
    yield* each(view, neighboursOf(view.undoLog.of(vertex), vertex, side.step), (found) => {
      if (side.found.has(found)) return;
      side.found.set(found, side.distance);
      next.push(found);
      if (other.found.has(found)) met.push(found);
    });
  }
  side.border = next;
  return met;
}

/** The vertices at distance `at` from the start with a relation to `on`. Sets their distance to the end. */
function* before(
  view: ReadView,
  on: readonly Vertex[],
  ahead: VertexMap<number>,
  at: number,
  distances: VertexMap<number>,
  whole: number,
  back: Step,
): Steps<readonly Vertex[]> {
  const found: Vertex[] = [];
  for (const vertex of on) {
    yield* each(view, neighboursOf(view.undoLog.of(vertex), vertex, back), (other) => {
      if (ahead.get(other) !== at || distances.has(other)) return;
      distances.set(other, whole - at);
      found.push(other);
    });
  }
  return found;
}
