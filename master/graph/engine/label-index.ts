// The vertices that have a label: by namespace, key and value.
import { getOrMake } from '../../../src/get-or-make.ts';
import { count, each, type Few, withOne, withoutOne } from '../model/compact.ts';
import type { Demand } from '../model/label-selector.ts';
import type { Labels, Vertex } from '../model/vertex.ts';

/** By label value: most are the label of one or two. */
type ByValue = Map<string, Few<Vertex>>;

export class LabelIndex {
  /** By namespace, then by label key. */
  readonly #places = new Map<string, Map<string, ByValue>>();

  enter(vertex: Vertex, labels: Labels | undefined): void {
    if (!labels) return;
    const byKey = getOrMake(this.#places, vertex.namespace, () => new Map<string, ByValue>());
    for (const key in labels) {
      const byValue = getOrMake(byKey, key, (): ByValue => new Map());
      const value = labels[key] as string;
      byValue.set(value, withOne(byValue.get(value), vertex));
    }
  }

  /** Takes the labels that the vertex was entered with. */
  leave(vertex: Vertex, labels: Labels | undefined): void {
    const byKey = this.#places.get(vertex.namespace);
    if (!byKey || !labels) return;
    for (const key in labels) {
      const byValue = byKey.get(key);
      if (!byValue) continue;
      const value = labels[key] as string;
      const rest = withoutOne(byValue.get(value), vertex);
      if (rest) byValue.set(value, rest);
      else byValue.delete(value);
      if (byValue.size === 0) byKey.delete(key);
    }
    if (byKey.size === 0) this.#places.delete(vertex.namespace);
  }

  /** The vertices that have the label, with any of these values. */
  carriers(namespace: string, demand: Demand): Vertex[] {
    return this.#found(namespace, demand).flatMap(each);
  }

  /** How many these are. */
  carrierCount(namespace: string, demand: Demand): number {
    return this.#found(namespace, demand).reduce((sum: number, few) => sum + count(few), 0);
  }

  #found(namespace: string, { key, values }: Demand): Few<Vertex>[] {
    const byValue = this.#places.get(namespace)?.get(key);
    if (!byValue) return [];
    if (!values) return [...byValue.values()];
    return values.map((value) => byValue.get(value));
  }
}
