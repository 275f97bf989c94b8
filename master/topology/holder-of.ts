// The resource whose fate it shares: containers and processes have no labels or node of their own.
import type { Vertex } from '../graph/model/vertex.ts';
import type { Moment } from './neighbours.ts';
import { neighbours } from './neighbours.ts';
import { podOf } from './pod-of.ts';

/** The Pod of a container or process, or the container of a process outside of Pods; otherwise the resource itself. */
export function holderOf(moment: Moment, vertex: Vertex): Vertex {
  const pod = podOf(moment, vertex);
  if (pod) return pod;
  if (vertex.type !== 'Process') return moment.of(vertex);
  const container = neighbours(moment, vertex, 'contains', 'in').find(({ type }) => type === 'Container');
  return container ?? moment.of(vertex);
}
