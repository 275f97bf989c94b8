// `new path to cluster-admin`: relations now lead there that did not before. A binding leads from its subjects to its role,
// although both relations start at it; other relations lead from source to target.
import { every, type Steps } from '../../../src/steps.ts';
import type { ProofStep } from '../../findings/contract.ts';
import type { Edge, Vertex } from '../../graph/model/vertex.ts';
import type { Change } from '../../graph/revisions/changes.ts';
import type { ParsedChange } from './change-rule.ts';
import type { ChangeWatch, WatchedGraph } from './watch.ts';

type PathChangeRule = Extract<ParsedChange['change'], { what: 'path' }>;

const most = 20_000;
const deepest = 8;
const often = 64;
/** Possible recipients of grants. */
const subjects: ReadonlySet<string> = new Set(['ServiceAccount', 'User', 'Group']);

interface Step {
  readonly vertex: Vertex;
  /** The relation to follow, and its other end; undefined at the target. */
  readonly edge: Edge | undefined;
  readonly next: Step | undefined;
  readonly depth: number;
}

export function watchPaths(
  graph: WatchedGraph,
  { to, from }: PathChangeRule,
  isIn: (namespace: string) => boolean,
): ChangeWatch {
  const target = to.includes(':') ? to : `ClusterRole:${to}`;
  const isRole = /^(Cluster)?Role:/.test(target);
  const isMeant = ({ type, namespace }: Vertex) =>
    (from ? from(type) : !isRole || subjects.has(type)) && isIn(namespace);
  let reaching = new Map<string, Step>();
  let told = new Set<string>();

  function* reachNow(): Steps<Map<string, Step>> {
    const found = new Map<string, Step>();
    const end = graph.get(target);
    if (!end?.present) return found;
    const open: Step[] = [{ vertex: end, edge: undefined, next: undefined, depth: 0 }];
    const pause = every(often);
    for (const step of open) {
      if (step.depth >= deepest || found.size >= most) continue;
      for (const [edge, vertex] of leadingTo(step.vertex, isRole)) {
        if (pause()) yield;
        if (found.has(vertex.id) || vertex.id === target) continue;
        const one = { vertex, edge, next: step, depth: step.depth + 1 };
        found.set(vertex.id, one);
        open.push(one);
      }
    }
    return found;
  }

  const ofThem = (found: ReadonlyMap<string, Step>) => [...found.values()].filter(({ vertex }) => isMeant(vertex));

  function touches({ relations, removedRelations, resources }: Change): boolean {
    const isNear = (id: string) => id === target || reaching.has(id);
    return (
      relations.some(({ added, source, target: other }) => added && (isNear(other.id) || isNear(source.id))) ||
      removedRelations.some(({ source, target: other }) => isNear(source.id) || isNear(other.id)) ||
      resources.some(({ id }) => id === target)
    );
  }

  return {
    *begin(): Steps<void> {
      reaching = yield* reachNow();
      told = new Set(ofThem(reaching).map(({ vertex }) => vertex.id));
    },
    isSo: ({ resource }) => reaching.has(resource),
    take(change, tell) {
      if (!touches(change)) return;
      const steps = reachNow();
      let next = steps.next();
      while (!next.done) next = steps.next();
      reaching = next.value;
      const now = ofThem(reaching);
      for (const step of now)
        if (!told.has(step.vertex.id)) tell.begin({ on: step.vertex, path: proofOf(step), affected: [step.vertex.id] });
      const ids = new Set(now.map(({ vertex }) => vertex.id));
      for (const id of told) if (!ids.has(id)) tell.end(id);
      told = ids;
    },
  };
}

/** Vertices one step before a resource. */
function* leadingTo(vertex: Vertex, isRole: boolean): Generator<readonly [Edge, Vertex]> {
  for (const edge of vertex.in) if (!isRole || edge.type === 'grants') yield [edge, edge.source];
  if (!isRole) return;
  for (const { edges } of vertex.out) for (const edge of edges) if (edge.type === 'grantsTo') yield [edge, edge.target];
}

function proofOf(first: Step): readonly ProofStep[] {
  const steps: ProofStep[] = [];
  for (let step: Step | undefined = first; step?.edge; step = step.next) {
    const { source, target, type, claims } = step.edge;
    const field = (Array.isArray(claims) ? claims[0] : claims)?.reason.field;
    steps.push({ from: source.id, to: target.id, type, ...(field ? { field } : {}) });
  }
  return steps;
}
