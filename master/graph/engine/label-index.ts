// The vertices that have a label: by namespace, key and value.
import { getOrMake } from '../../../src/get-or-make.ts';
import type { Demand } from '../model/label-selector.ts';
import { setOf } from '../model/sets.ts';
import type { Labels, Vertex } from '../model/vertex.ts';

/** By label value. */
type ByValue = Map<string, Set<Vertex>>;

export class LabelIndex {
  /** By namespace, then by label key. */
  readonly #places = new Map<string, Map<string, ByValue>>();

  enter(vertex: Vertex, labels: Labels | undefined): void {
    if (!labels) return;
    const byKey = getOrMake(this.#places, vertex.namespace, () => new Map<string, ByValue>());
    for (const key in labels) {
      const byValue = getOrMake(byKey, key, (): ByValue => new Map());
      setOf(byValue, labels[key] as string).add(vertex);
    }
  }

  /** Takes the labels that the vertex was entered with. */
  leave(vertex: Vertex, labels: Labels | undefined): void {
    const byKey = this.#places.get(vertex.namespace);
    if (!byKey || !labels) return;
    for (const key in labels) {
      const byValue = byKey.get(key);
      const value = labels[key] as string;
      const vertices = byValue?.get(value);
      vertices?.delete(vertex);
      if (vertices?.size === 0) byValue?.delete(value);
      if (byValue?.size === 0) byKey.delete(key);
    }
    if (byKey.size === 0) this.#places.delete(vertex.namespace);
  }

  /** One set of vertices per matching value. */
  carriers(namespace: string, { key, values }: Demand): Set<Vertex>[] {
    const byValue = this.#places.get(namespace)?.get(key);
    if (!byValue) return [];
    if (!values) return [...byValue.values()];
    return values.flatMap((value) => byValue.get(value) ?? []);
  }
}
