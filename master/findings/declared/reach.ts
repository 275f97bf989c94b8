// Whether a resource reaches one of a type over relations, nearest first. Bounded: with too many resources in reach the
// result is undecided, not wrong.
import type { Edge, Vertex } from '../../graph/model/vertex.ts';
import type { FindingView } from '../finding-rule.ts';
import type { Condition } from './conditions.ts';
import type { PathCondition } from './declaration.ts';

const most = 2_000;

interface Step {
  readonly vertex: Vertex;
  readonly edge: Edge | undefined;
  readonly before: Step | undefined;
  readonly depth: number;
}

export function pathCondition(condition: PathCondition): Condition {
  const { to, depth, missing } = condition;
  return (vertex, view) => {
    const seen = new Set([vertex]);
    const open: Step[] = [{ vertex, edge: undefined, before: undefined, depth: 0 }];
    for (const step of open) {
      if (step.edge && to(step.vertex.type)) return missing ? undefined : { path: edgesTo(step), count: step.depth };
      if (step.depth === depth) continue;
      for (const edge of edgesOf(step.vertex, condition, view)) {
        const other = edge.source === step.vertex ? edge.target : edge.source;
        if (seen.has(other) || view.isMissing(other)) continue;
        if (seen.size >= most) return view.undecided(`more than ${most} resources are within reach of it`);
        seen.add(other);
        open.push({ vertex: other, edge, before: step, depth: step.depth + 1 });
      }
    }
    return missing ? { path: [] } : undefined;
  };
}

function* edgesOf(vertex: Vertex, { over, direction }: PathCondition, view: FindingView): Generator<Edge> {
  if (direction !== 'up') for (const edge of view.out(vertex)) if (over?.(edge.type) ?? true) yield edge;
  if (direction !== 'down') for (const edge of view.into(vertex)) if (over?.(edge.type) ?? true) yield edge;
}

function edgesTo(last: Step): readonly Edge[] {
  const edges: Edge[] = [];
  for (let step: Step | undefined = last; step?.edge; step = step.before) edges.unshift(step.edge);
  return edges;
}
