// Paths between two resources: the shortest, or all up to a length. Ties are resolved by id, so that the result is
// deterministic.
import type { Steps } from '../../../src/steps.ts';
import { sortedInSteps } from '../../../src/steps.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { GraphReader } from '../engine/engine.ts';
import type { Vertex } from '../model/vertex.ts';
import type { VertexMap } from '../model/vertex-map.ts';
import { createVertexSet } from '../model/vertex-map.ts';
import type { ReadView } from '../revisions/read-view.ts';
import { each, edgesOf, withReadView } from '../revisions/read-view.ts';
import { chosen, present } from './select.ts';
import type { Selection } from './selection.ts';
import { shortestWays } from './shortest.ts';
import type { Step } from './traverse.ts';
import { neighboursOf, reach } from './traverse.ts';

/** Maximum number of steps: dead ends count. */
const mostSteps = 300_000;
export interface PathOptions {
  readonly step: Step;
  /** The same relations, followed backwards. */
  readonly back: Step;
  /** All paths up to this number of relations; undefined for the shortest only. */
  readonly length?: number | undefined;
  /** Maximum number of paths. */
  readonly most: number;
}

export interface Paths {
  /** Ids from one end to the other; shortest paths first. */
  readonly paths: readonly (readonly string[])[];
  /** False if there may be more paths. */
  readonly complete: boolean;
  /** Everything on the paths with their relations; just the two ends if there is no path. */
  readonly selection: Selection;
}

/** @throws Fault `unknown_id` for an unknown end. */
export function pathsBetween(graph: GraphReader, ends: readonly [string, string], options: PathOptions): Steps<Paths> {
  return withReadView(graph, function* (view) {
    const [from, to] = [present(graph, ends[0]), present(graph, ends[1])];
    const { paths, complete } = yield* findPaths(view, [from, to], options);
    const selection = yield* selectPaths(view, [from, to], paths, options.step);
    return { paths: idsOf(paths), complete, selection };
  });
}

export interface FoundPaths {
  readonly paths: readonly (readonly Vertex[])[];
  readonly complete: boolean;
}

export function idsOf(paths: readonly (readonly Vertex[])[]): string[][] {
  return paths.map((path) => path.map(({ id }) => id));
}

/** The same within an open view. */
export function* findPaths(
  view: ReadView,
  [from, to]: readonly [Vertex, Vertex],
  { step, back, length, most }: PathOptions,
): Steps<FoundPaths> {
  const distances =
    length === undefined ? yield* shortestWays(view, from, to, step, back) : yield* reach(view, [to], length, back);
  const shortest = distances.get(from);
  const longest = length ?? shortest ?? -1;
  const search = createSearch(view, to, step, distances);
  const wanted = length === undefined ? 1 : most;
  const found: Vertex[][] = [];
  // One path more than wanted shows that there are more.
  const enough = length === undefined ? 1 : most + 1;
  for (let exact = shortest ?? 0; exact <= longest && found.length < enough && shortest !== undefined; exact++)
    yield* search.find(from, exact, found, enough);
  const paths = found.slice(0, wanted);
  return { paths, complete: !search.isExhausted() && paths.length === found.length };
}

type Distances = Pick<VertexMap<number>, 'get' | 'has'>;

/** Follows only steps from which the end is reachable in the remaining number. */
function createSearch(view: ReadView, to: Vertex, step: Step, distances: Distances) {
  const sorted = new Map<Vertex, readonly Vertex[]>();
  let steps = 0;

  function* waysFrom(vertex: Vertex): Steps<readonly Vertex[]> {
    const known = sorted.get(vertex);
    if (known) return known;
    const found = new Set<Vertex>();
    yield* each(view, neighboursOf(view.undoLog.of(vertex), vertex, step), (other) => {
      if (distances.has(other)) found.add(other);
    });
    const ways = yield* sortedInSteps(found, (a, b) => textOrder(a.id, b.id));
    sorted.set(vertex, ways);
    return ways;
  }

  function* find(from: Vertex, left: number, into: Vertex[][], enough: number, trail = [from]): Steps<void> {
    if (from === to || left === 0) {
      if (from === to && left === 0) into.push([...trail]);
      return;
    }
    for (const next of yield* waysFrom(from)) {
      if (steps > mostSteps || into.length >= enough) return;
      steps++;
      if (view.pause()) yield;
      if ((distances.get(next) as number) < left && !trail.includes(next))
        yield* find(next, left - 1, into, enough, [...trail, next]);
    }
  }

  return { find, isExhausted: () => steps > mostSteps };
}

/** Everything on the paths, with the relations that `step` follows. */
export function* selectPaths(
  view: ReadView,
  ends: readonly Vertex[],
  paths: readonly (readonly Vertex[])[],
  step: Step,
): Steps<Selection> {
  const pairs = new Map<Vertex, Set<Vertex>>();
  for (const path of paths) {
    path.slice(1).forEach((vertex, i) => {
      const before = path[i] as Vertex;
      pairs.set(before, (pairs.get(before) ?? new Set()).add(vertex));
    });
  }
  // Evaluated now, because relations may change while the answer is read.
  const followed = new Set<number>();
  for (const [from, next] of pairs) {
    yield* each(view, edgesOf(view.undoLog.of(from), 'both'), (edge) => {
      const to = step(edge, from);
      if (to && next.has(to)) followed.add(edge.row);
    });
  }
  const vertices = createVertexSet();
  for (const vertex of [...ends, ...paths.flat()]) vertices.add(vertex);
  return yield* chosen(view, vertices, (edge) => followed.has(edge.row));
}
