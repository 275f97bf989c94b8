// The node of a resource.
import type { Vertex } from '../graph/model/vertex.ts';
import { holderOf } from './holder-of.ts';
import type { Moment } from './neighbours.ts';

/** Name of the node; for a Node its own; undefined if none or unknown. */
export function nodeOf(moment: Moment, vertex: Vertex): string | undefined {
  if (vertex.type === 'Node') return vertex.name;
  return holderOf(moment, vertex).fields['spec.nodeName'] || undefined;
}
