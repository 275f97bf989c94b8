// The images that a resource is made from.
import type { Vertex } from '../graph/model/vertex.ts';
import { type Moment, neighbours } from './neighbours.ts';

/** Of an image itself, of a container its own, of a Pod those of its containers, of a process that of its container. */
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
