// API objects in the graph, with their parts. An unusable object does not affect others.
import type { KubernetesObject } from '../../src/model.ts';
import type { GraphReader, GraphWriter, Item } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { Kind } from '../kinds/kind.ts';
import { namespaceContains } from '../relations/contains.ts';
import type { Containers } from './containers.ts';
import { idOf } from './id-of.ts';
import type { ItemMaker, Prepared } from './item.ts';

export interface Refusal {
  readonly type: string;
  /** If the object has one. */
  readonly id: string | undefined;
  readonly error: unknown;
}

export interface ObjectsOptions {
  readonly graph: GraphReader;
  /** Writes to `graph`. */
  readonly writer: GraphWriter;
  readonly items: ItemMaker;
  readonly containers: Containers;
  /** Called for each unusable object, which is left out of the graph. */
  readonly onRefused?: ((refusal: Refusal) => void) | undefined;
}

const scopeAnnotation = 'scope';

/** Its containing namespace is assumed. */
function withAssumedPlace(item: Item): Item {
  const references = item.references.map(({ rule, reference }) =>
    rule.name === namespaceContains.name ? { rule, reference: { ...reference, guess: true } } : { rule, reference },
  );
  return { ...item, references };
}

/** Call `put` and `drop` inside a transaction. */
export class ObjectsOfKinds {
  readonly #options: ObjectsOptions;
  #refused = 0;

  constructor(options: ObjectsOptions) {
    this.#options = options;
  }

  /** Number of unusable objects. */
  get refused(): number {
    return this.#refused;
  }

  refuse(refusal: Refusal): void {
    this.#refused++;
    this.#options.onRefused?.(refusal);
  }

  /** Undefined, and reported, if the object is unusable. */
  prepare(kind: Kind, type: string, object: KubernetesObject): Prepared | undefined {
    try {
      return this.#options.items.prepare(kind, type, object);
    } catch (error) {
      this.refuse({ type, id: idOf(type, object), error });
      return undefined;
    }
  }

  put(kind: Kind, prepared: Prepared): Vertex | undefined {
    const { id, type } = prepared.item;
    const { graph, writer, containers, items } = this.#options;
    try {
      const { item, parts } = items.renewed(prepared);
      writer.put(kind.scopeUnknown ? withAssumedPlace(item) : containers.laidOver(item));
      if (kind.scopeUnknown) writer.annotate(id, scopeAnnotation, 'unknown');
      if (parts) containers.ofObject(id, parts);
      return graph.get(id);
    } catch (error) {
      this.refuse({ type, id, error });
      this.drop(kind, id);
      return undefined;
    }
  }

  drop(kind: Kind, id: string): void {
    this.#options.writer.remove(id);
    if (kind.scopeUnknown) this.#options.writer.annotate(id, scopeAnnotation, undefined);
    if (kind.parts) this.#options.containers.ofObject(id, []);
  }

  /** Those that are present. */
  of(type: string): Vertex[] {
    const { graph } = this.#options;
    return [...graph.namespacesOf(type)].flatMap((namespace) => [...graph.members(type, namespace)]);
  }
}
