// Images of a resource.
import type { Vertex } from '../graph/model/vertex.ts';
import { type Moment, neighbours } from './neighbours.ts';

/** An image itself; a container's own; a Pod's containers'; a process's container's. */
export function imagesOf(moment: Moment, vertex: Vertex): readonly Vertex[] {
  switch (vertex.type) {
    case 'Image':
      return [moment.of(vertex)];
    case 'Container':
      return [...new Set(neighbours(moment, vertex, 'createdFrom', 'out').filter(({ type }) => type === 'Image'))];
    case 'Pod':
      return ofAll(moment, neighbours(moment, vertex, 'contains', 'out'));
    case 'Process':
      return ofAll(moment, neighbours(moment, vertex, 'contains', 'in'));
    default:
      return [];
  }
}

function ofAll(moment: Moment, others: readonly Vertex[]): readonly Vertex[] {
  const containers = others.filter(({ type }) => type === 'Container');
  return [...new Set(containers.flatMap((container) => imagesOf(moment, container)))];
}
