// A fact stated by any of several labels, such as the zone, whose label was renamed.
import type { Vertex } from '../graph/model/vertex.ts';

/** The value of the first of these labels that the resource has. */
export function labelOf({ labels }: Pick<Vertex, 'labels'>, keys: readonly string[]): string | undefined {
  const key = keys.find((each) => labels !== undefined && Object.hasOwn(labels, each));
  return key === undefined ? undefined : labels?.[key];
}
