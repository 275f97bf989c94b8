// Meaningful connections of two resources: along dependence first, and not through resources to which almost everything is
// connected, unless there is no other way.
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
  /** Undefined prefers a path along dependence. */
  readonly direction: Direction | undefined;
  readonly relation: ((type: string) => boolean) | undefined;
  readonly length: number | undefined;
  readonly most: number;
  /** Passes through hubs like others. */
  readonly hubs: boolean;
}

/** `dependence`: each resource on the path depends on the next, or each on the previous. */
export type Kind = 'dependence' | 'relations';

export interface Connection extends Paths {
  readonly along: Kind;
  /** Hubs on the paths, by id: there is no other way, or they were requested. */
  readonly hubs: readonly string[];
}

/** Nearly everything is in a Namespace and on a Node of the Cluster: that connects nothing. */
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

/** @throws Fault `unknown_id` for an unknown end. */
export function connectionBetween(
  graph: GraphReader,
  ids: readonly [string, string],
  options: ConnectionOptions,
): Steps<Connection> {
  return withReadView(graph, function* (view) {
    const ends = [present(graph, ids[0]), present(graph, ids[1])] as const;
    const { length, most } = options;
    const { way, found } = yield* firstWay(view, waysOf(options, view, ends), function* ({ step, back }) {
      return yield* findPaths(view, ends, { step, back, length, most });
    });
    const { paths, complete } = found;
    const selection = yield* selectPaths(view, ends, paths, way.step);
    return { paths: idsOf(paths), complete, selection, along: way.along, hubs: hubsOn(paths) };
  });
}

/** The first search with a result; otherwise the result of the last. */
function* firstWay(
  { undoLog: { unread } }: ReadView,
  ways: readonly Way[],
  find: (way: Way) => Steps<FoundPaths>,
): Steps<{ way: Way; found: FoundPaths }> {
  let last: { way: Way; found: FoundPaths } | undefined;
  for (const way of ways) {
    last = { way, found: yield* find(way) };
    // Makes sure that no such way exists before the next one is tried.
    unread?.check();
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
