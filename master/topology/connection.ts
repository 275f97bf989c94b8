// How two resources are connected in a way that says something: along dependence before any other way, and not through
// what nearly everything is connected to, unless nothing else connects them.
import type { Steps } from '../../src/steps.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { type FoundPaths, findPaths, idsOf, type Paths, selectPaths } from '../graph/questions/path.ts';
import type { Direction } from '../graph/questions/query.ts';
import { present } from '../graph/questions/select.ts';
import { along, type Step } from '../graph/questions/traverse.ts';
import type { ReadView } from '../graph/revisions/read-view.ts';
import { withReadView } from '../graph/revisions/read-view.ts';
import { dependentsIn } from './dependents.ts';

export interface ConnectionOptions {
  /** Undefined looks for a way along dependence first. */
  readonly direction: Direction | undefined;
  readonly relation: ((type: string) => boolean) | undefined;
  readonly length: number | undefined;
  readonly most: number;
  /** Goes through hubs as through anything else. */
  readonly hubs: boolean;
}

/** `dependence`: each resource on the way depends on the next, or each on the one before. */
export type Kind = 'dependence' | 'relations';

export interface Connection extends Paths {
  readonly along: Kind;
  /** The hubs between the ends of the paths, in the order of ids: nothing else connects them, or they were asked for. */
  readonly hubs: readonly string[];
}

/** Nearly all are in a Namespace and on a Node of the Cluster: that two of them are says nothing of them. */
const hubTypes: ReadonlySet<string> = new Set(['Cluster', 'Namespace', 'Node']);

export function isHub({ type, name }: Pick<Vertex, 'type' | 'name'>): boolean {
  return hubTypes.has(type) || (type === 'ServiceAccount' && name === 'default');
}

interface Way {
  readonly along: Kind;
  readonly step: Step;
  readonly back: Step;
}

const opposite = { up: 'down', down: 'up', both: 'both' } as const;

/** @throws Fault `unknown_id` for an end that is not there. */
export function connectionBetween(
  graph: GraphReader,
  ids: readonly [string, string],
  options: ConnectionOptions,
): Steps<Connection> {
  return withReadView(graph, function* (view) {
    const ends = [present(graph, ids[0]), present(graph, ids[1])] as const;
    const { length, most } = options;
    const { way, found } = yield* firstWay(waysOf(options, view, ends), function* ({ step, back }) {
      return yield* findPaths(view, ends, { step, back, length, most });
    });
    const { paths, complete } = found;
    const selection = yield* selectPaths(view, ends, paths, way.step);
    return { paths: idsOf(paths), complete, selection, along: way.along, hubs: hubsOn(paths) };
  });
}

/** What the first way finds that finds anything; else what the last one does. */
function* firstWay(
  ways: readonly Way[],
  find: (way: Way) => Steps<FoundPaths>,
): Steps<{ way: Way; found: FoundPaths }> {
  let last: { way: Way; found: FoundPaths } | undefined;
  for (const way of ways) {
    last = { way, found: yield* find(way) };
    if (last.found.paths.length > 0) return last;
  }
  return last as { way: Way; found: FoundPaths };
}

function waysOf(
  { direction, relation, length, hubs }: ConnectionOptions,
  view: ReadView,
  ends: readonly Vertex[],
): readonly Way[] {
  const said = direction ?? 'both';
  const plain: Way = { along: 'relations', step: along(said, relation), back: along(opposite[said], relation) };
  if (hubs) return [plain];
  const needs = dependenceStep(view, 'needs', relation);
  const neededBy = dependenceStep(view, 'neededBy', relation);
  const depending: readonly Way[] = [
    { along: 'dependence', step: needs, back: neededBy },
    { along: 'dependence', step: neededBy, back: needs },
  ];
  const first = direction === undefined && length === undefined ? depending : [];
  return [...[...first, plain].map((way) => avoidingHubs(way, ends)), plain];
}

function dependenceStep(
  view: ReadView,
  way: 'needs' | 'neededBy',
  relation: ((type: string) => boolean) | undefined,
): Step {
  const dependents = dependentsIn(view);
  return (edge, from) => {
    if (relation && !relation(edge.type)) return undefined;
    const { source, target } = dependents.of(edge);
    const isSource = edge.source === from;
    const leads = isSource === (way === 'needs') ? source : target;
    if (!leads) return undefined;
    return isSource ? edge.target : edge.source;
  };
}

function avoidingHubs({ along: kind, step, back }: Way, ends: readonly Vertex[]): Way {
  const avoiding =
    (one: Step): Step =>
    (edge, from) => {
      const to = one(edge, from);
      return to && isHub(to) && !ends.includes(to) ? undefined : to;
    };
  return { along: kind, step: avoiding(step), back: avoiding(back) };
}

function hubsOn(paths: FoundPaths['paths']): string[] {
  const between = new Set(paths.flatMap((path) => path.slice(1, -1)).filter(isHub));
  return [...between].map(({ id }) => id).sort();
}
