// How two resources are connected: the shortest way, or every way up to a length. Among equals the one whose ids come
// first goes first, so that the same graph gives the same answer.
import type { GraphReader } from './engine.ts';
import type { Selection } from './select.ts';
import { chosen } from './select.ts';
import type { Step } from './traverse.ts';
import type { Edge, Vertex } from './vertex.ts';

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

export function pathsBetween(graph: GraphReader, from: Vertex, to: Vertex, options: PathOptions): Paths {
  const { step, length, most } = options;
  const distances = distancesTo(to, from, options.back, length);
  const shortest = distances.get(from);
  const longest = length ?? shortest ?? -1;
  const search = createSearch(to, step, distances);
  const found: Vertex[][] = [];
  for (let exact = shortest ?? 0; exact <= longest && found.length <= most && shortest !== undefined; exact++) {
    for (const path of search.pathsOf(from, exact)) {
      found.push(path);
      if (found.length > (length === undefined ? 0 : most)) break;
    }
  }
  const told = found.slice(0, length === undefined ? 1 : most);
  const complete = !search.isExhausted() && told.length === found.length;
  return {
    paths: told.map((path) => path.map(({ id }) => id)),
    complete,
    selection: along(graph, [from, to], told, step),
  };
}

/** How far it is to `to` from all that is at most `length` away; without a length, as far as it takes to find `from`. */
function distancesTo(to: Vertex, from: Vertex, back: Step, length = Number.POSITIVE_INFINITY): Map<Vertex, number> {
  const found = new Map<Vertex, number>([[to, 0]]);
  const isEnough = () => length === Number.POSITIVE_INFINITY && found.has(from);
  let border = [to];
  for (let distance = 1; distance <= length && border.length > 0 && !isEnough(); distance++) {
    const next = new Set<Vertex>();
    for (const vertex of border) for (const other of neighboursOf(vertex, back)) if (!found.has(other)) next.add(other);
    for (const vertex of next) found.set(vertex, distance);
    border = [...next];
  }
  return found;
}

function* neighboursOf(vertex: Vertex, step: Step): Generator<Vertex> {
  for (const { edges } of vertex.out) {
    for (const edge of edges) {
      const to = step(edge, vertex);
      if (to) yield to;
    }
  }
  for (const edge of vertex.in) {
    const to = step(edge, vertex);
    if (to) yield to;
  }
}

/** Goes only where the end can still be reached in the steps that are left. */
function createSearch(to: Vertex, step: Step, distances: ReadonlyMap<Vertex, number>) {
  const sorted = new Map<Vertex, readonly Vertex[]>();
  let steps = 0;

  function waysFrom(vertex: Vertex): readonly Vertex[] {
    let ways = sorted.get(vertex);
    if (ways) return ways;
    ways = [...new Set(neighboursOf(vertex, step))]
      .filter((each) => distances.has(each))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    sorted.set(vertex, ways);
    return ways;
  }

  function* pathsOf(from: Vertex, left: number, trail: readonly Vertex[] = [from]): Generator<Vertex[]> {
    if (from === to || left === 0) {
      if (from === to && left === 0) yield [...trail];
      return;
    }
    for (const next of waysFrom(from)) {
      if (steps > mostSteps) return;
      steps++;
      if ((distances.get(next) as number) < left && !trail.includes(next))
        yield* pathsOf(next, left - 1, [...trail, next]);
    }
  }

  return { pathsOf: (from: Vertex, length: number) => pathsOf(from, length), isExhausted: () => steps > mostSteps };
}

function along(
  graph: GraphReader,
  ends: readonly Vertex[],
  paths: readonly (readonly Vertex[])[],
  step: Step,
): Selection {
  const pairs = new Map<Vertex, Set<Vertex>>();
  for (const path of paths) {
    path.slice(1).forEach((vertex, i) => {
      const before = path[i] as Vertex;
      pairs.set(before, (pairs.get(before) ?? new Set()).add(vertex));
    });
  }
  const follows = (from: Vertex, edge: Edge) => {
    const to = step(edge, from);
    return to !== undefined && pairs.get(from)?.has(to) === true;
  };
  const vertices = new Set([...ends, ...paths.flat()]);
  return chosen(graph, vertices, (edge) => follows(edge.source, edge) || follows(edge.target, edge));
}
