// What has numbers of its own below a resource: its containers, and the nodes that it contains.
import type { Steps } from '../../src/steps.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { asItIs, neighbours } from './neighbours.ts';

/** Relations that lead from a whole to its parts. */
const parts = ['contains', 'runs', 'owns', 'monitors', 'loadBalances'] as const;
/** Of these a Namespace or a Cluster may have any number. */
const most = 20_000;

/** Whether its numbers are its own, and not the sum over its parts. */
export function holding({ type }: Vertex): boolean {
  return type === 'Container' || type === 'Node';
}

/** Containers and nodes, each once; the resource itself among them. */
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
