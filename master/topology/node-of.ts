// The node that a resource is on.
import type { Vertex } from '../graph/model/vertex.ts';
import { holderOf } from './holder-of.ts';
import type { Moment } from './neighbours.ts';

/** Its name, of a Node its own; undefined where it is on none, or not known to be. */
export function nodeOf(moment: Moment, vertex: Vertex): string | undefined {
  if (vertex.type === 'Node') return vertex.name;
  return holderOf(moment, vertex).fields['spec.nodeName'] || undefined;
}
