// Values set by `annotate`, also for resources that do not exist yet.
import { type Annotation, type Annotations, type AnnotationValue, annotationOf } from '../model/annotation.ts';

export class AnnotationTable {
  readonly #all = new Map<string, Annotations>();

  /** Current annotations of a resource; undefined if it has none. */
  of(id: string): Annotations | undefined {
    return this.#all.get(id);
  }

  all(): Iterable<readonly [string, Annotations]> {
    return this.#all;
  }

  /** False if nothing changed. */
  set(id: string, name: string, value: AnnotationValue | undefined): boolean {
    const before = this.#all.get(id);
    if (value === undefined) return this.#takeOff(id, name, before);
    const annotation = annotationOf(value);
    if (before?.get(name)?.text === annotation.text) return false;
    this.#all.set(id, inOrder([...(before ?? []), [name, annotation]]));
    return true;
  }

  #takeOff(id: string, name: string, before: Annotations | undefined): boolean {
    if (!before?.has(name)) return false;
    if (before.size === 1) this.#all.delete(id);
    else this.#all.set(id, new Map([...before].filter(([each]) => each !== name)));
    return true;
  }
}

/** The last entry of a name wins. */
function inOrder(all: readonly (readonly [string, Annotation])[]): Annotations {
  return new Map([...new Map(all)].sort(([a], [b]) => (a < b ? -1 : 1)));
}
