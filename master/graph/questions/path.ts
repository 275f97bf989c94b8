// How two resources are connected: the shortest way, or every way up to a length. Among equals the one whose ids come
// first goes first, so that the same graph gives the same answer.
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

/** Steps of a search through ways that may lead nowhere. */
const mostSteps = 300_000;
export interface PathOptions {
  readonly step: Step;
  /** The same relations the other way: what leads to a vertex. */
  readonly back: Step;
  /** Every way of at most so many relations; undefined asks for the shortest alone. */
  readonly length?: number | undefined;
  /** How many ways are told at most. */
  readonly most: number;
}

export interface Paths {
  /** Ids from one end to the other, shortest first. */
  readonly paths: readonly (readonly string[])[];
  /** False where there may be more than were told. */
  readonly complete: boolean;
  /** All that lies on the paths, with the relations that they follow; the two ends alone where there is no path. */
  readonly selection: Selection;
}

/** @throws Fault `unknown_id` for an end that is not there. */
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

/** The same for who looks on in the same view. */
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
  // One more than is wanted shows that there are more.
  const enough = length === undefined ? 1 : most + 1;
  for (let exact = shortest ?? 0; exact <= longest && found.length < enough && shortest !== undefined; exact++)
    yield* search.find(from, exact, found, enough);
  const paths = found.slice(0, wanted);
  return { paths, complete: !search.isExhausted() && paths.length === found.length };
}

type Distances = Pick<VertexMap<number>, 'get' | 'has'>;

/** Goes only where the end can still be reached in the steps that are left. */
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

/** All that lies on the paths, with the relations that `step` follows along them. */
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
  // Looked for now: what a relation says may change while the answer is read.
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
