// The Pod of a container or process.
import type { Vertex } from '../graph/model/vertex.ts';
import { type Moment, neighbours } from './neighbours.ts';

const within = new Map([
  ['Container', ['Pod']],
  ['Process', ['Container', 'Pod']],
]);

/** A Pod itself; undefined outside of Pods. */
export function podOf(moment: Moment, vertex: Vertex): Vertex | undefined {
  if (vertex.type === 'Pod') return moment.of(vertex);
  const holders = within.get(vertex.type);
  if (!holders) return undefined;
  const holder = neighbours(moment, vertex, 'contains', 'in').find(({ type }) => holders.includes(type));
  return holder && podOf(moment, holder);
}
