// Resources with metrics of their own below a resource: containers and nodes.
import type { Steps } from '../../src/steps.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { asItIs, neighbours } from './neighbours.ts';

/** Relations from a whole to its parts. */
const parts = ['contains', 'runs', 'owns', 'monitors', 'loadBalances'] as const;
/** Maximum: a Namespace or Cluster may have any number. */
const most = 20_000;

/** Whether its metrics are its own, not a sum. */
export function holding({ type }: Vertex): boolean {
  return type === 'Container' || type === 'Node';
}

/** Containers and nodes without duplicates, including the resource itself. */
export function* measuredBelow(root: Vertex): Steps<Vertex[]> {
  const seen = new Set([root]);
  for (const vertex of seen) {
    yield;
    if (seen.size >= most) break;
    if (vertex.type === 'Container') continue;
    for (const relation of parts) {
      for (const next of neighbours(asItIs, vertex, relation, 'out')) if (next.present) seen.add(next);
    }
  }
  return [...seen].filter(holding);
}
