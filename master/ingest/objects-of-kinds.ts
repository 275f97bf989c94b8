// Objects of the API as the graph holds them, with the parts inside them. One that nothing can be made of costs no other.
import { resourceId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { GraphReader, GraphWriter } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Containers } from './containers.ts';
import { idOf } from './id-of.ts';
import type { ItemMaker, Prepared } from './item.ts';

export interface Refusal {
  readonly type: string;
  /** As far as it says one. */
  readonly id: string | undefined;
  readonly error: unknown;
}

export interface ObjectsOptions {
  readonly graph: GraphReader;
  /** Writes to `graph`. */
  readonly writer: GraphWriter;
  readonly items: ItemMaker;
  readonly containers: Containers;
  /** Told of each object that nothing could be made of. It is not in the graph; all others are. */
  readonly onRefused?: ((refusal: Refusal) => void) | undefined;
}

/** `put` and `drop` are to be called in a transaction. */
export class ObjectsOfKinds {
  readonly #options: ObjectsOptions;
  /** The StorageClass that claims without one get: the newest that is marked, as the admission plugin chooses. */
  readonly #defaults;
  #refused = 0;

  constructor(options: ObjectsOptions) {
    this.#options = options;
    this.#defaults = createDefaultClass((id) => options.writer.setKey('default', 'StorageClass', id));
  }

  /** How many were refused. */
  get refused(): number {
    return this.#refused;
  }

  refuse(refusal: Refusal): void {
    this.#refused++;
    this.#options.onRefused?.(refusal);
  }

  /** Undefined, and refused, where the object is none: whatever one of them is, it costs no other. */
  prepare(kind: Kind, type: string, object: KubernetesObject): Prepared | undefined {
    try {
      return this.#options.items.prepare(kind, type, object);
    } catch (error) {
      this.refuse({ type, id: idOf(type, object), error });
      return undefined;
    }
  }

  put(kind: Kind, { item, parts }: Prepared): Vertex | undefined {
    const { id, type } = item;
    const { graph, writer, containers } = this.#options;
    try {
      writer.put(item);
      if (parts) containers.ofObject(id, parts);
      if (type === 'StorageClass') this.#defaults.see(JSON.parse(String(item.properties)) as KubernetesObject);
      return graph.get(id);
    } catch (error) {
      this.refuse({ type, id, error });
      this.drop(kind, id);
      return undefined;
    }
  }

  drop(kind: Kind, id: string): void {
    this.#options.writer.remove(id);
    if (kind.parts) this.#options.containers.ofObject(id, []);
    this.#defaults.forget(id);
  }

  /** Those that are there. */
  of(type: string): Vertex[] {
    const { graph } = this.#options;
    return [...graph.namespacesOf(type)].flatMap((namespace) => [...graph.members(type, namespace)]);
  }
}

function createDefaultClass(choose: (id: string | undefined) => void) {
  const marked = new Map<string, string>();

  function newest(): string | undefined {
    // The newest wins; of equally old ones the first by name.
    const sorted = [...marked].sort(([a, made], [b, madeB]) =>
      made === madeB ? (a < b ? -1 : 1) : made > madeB ? -1 : 1,
    );
    return sorted[0]?.[0];
  }

  return {
    see({ metadata }: KubernetesObject): void {
      const id = resourceId('StorageClass', metadata.name);
      const isDefault = metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
      if (isDefault) marked.set(id, metadata.creationTimestamp ?? '');
      else if (!marked.delete(id)) return;
      choose(newest());
    },
    forget(id: string): void {
      if (marked.delete(id)) choose(newest());
    },
  };
}
