// The only writer of the graph: turns the data of reflectors and the runtime collector into engine input. Pages of a list
// are compared as they arrive, and only differences are kept until the list is complete. So a relist of an unchanged kind
// takes no memory, and an aborted list changes nothing. Large differences are swapped in by slices, one revision each, so
// that nothing blocks while 100,000 deleted Pods go. Another thread may prepare long pages (pages/), with the same result.
import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../src/clock.ts';
import type { KubernetesObject, SourceState } from '../../src/model.ts';
import type { Kind } from '../kinds/kind.ts';
import { typeOfKind } from '../kinds/lookup.ts';
import type { EventType, Sink } from '../sources/kubernetes/sink.ts';
import { idOf } from './id-of.ts';
import { type ListParts, listIntoGraph } from './list-into-graph.ts';
import { ObjectsOfKinds, type ObjectsOptions } from './objects-of-kinds.ts';
import type { PageReader } from './pages/reader.ts';
import { sinceBefore, stateOf } from './source-state.ts';
import { together } from './together.ts';

export interface StoreOptions extends ObjectsOptions {
  readonly clock: Clock;
  /** Kinds that are counted on other resources instead of shown: see events.ts. */
  readonly counted?: ReadonlyMap<string, Sink>;
  /** Prepares pages of lists elsewhere. */
  readonly pages?: PageReader | undefined;
  /** Yields to others between two slices of a swap. */
  readonly pause?: () => Promise<void>;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export class Store {
  readonly #options: StoreOptions;
  readonly #objects: ObjectsOfKinds;
  readonly #lists: ListParts;
  /** Number of lists begun so far. */
  #begun = 0;

  constructor(options: StoreOptions) {
    const { graph, writer, pages, pause = setImmediate, now = () => performance.now() } = options;
    this.#options = options;
    this.#objects = new ObjectsOfKinds(options);
    this.#lists = { graph, writer, objects: this.#objects, pages, pause, now };
  }

  /** Number of unusable objects. */
  get refused(): number {
    return this.#objects.refused;
  }

  /** Sets the state of another part of the API server, such as an unreachable group; undefined forgets it. */
  tell(family: string, name: string, state: SourceState['state'] | undefined, reason?: string): void {
    this.#options.writer.transact(() => this.#tell(family, name, state, reason));
  }

  sinkOf(kind: Kind): Sink {
    const type = typeOfKind(kind);
    return this.#options.counted?.get(type) ?? this.#sinkFor(kind, type);
  }

  #sinkFor(kind: Kind, type: string): Sink {
    const { writer } = this.#options;
    const objects = this.#objects;
    return {
      list: (asked = {}) => listIntoGraph(this.#lists, kind, type, ++this.#begun, asked),
      held: () => objects.of(type),
      event: (event, object) => writer.transact(() => this.#happen(kind, type, event, object)),
      events: (all) => together(writer, all, ({ type: event, object }) => this.#happen(kind, type, event, object)),
      state: (state, reason) =>
        writer.transact(() => {
          this.#tell('kinds', type, state, reason);
          if (state === 'absent') for (const vertex of objects.of(type)) objects.drop(kind, vertex.id);
        }),
    };
  }

  #happen(kind: Kind, type: string, event: EventType, object: KubernetesObject): void {
    const id = idOf(type, object);
    const prepared = event === 'DELETED' ? undefined : this.#objects.prepare(kind, type, object);
    if (prepared) this.#objects.put(kind, prepared);
    // An object that became unusable is removed, not shown in its old state.
    else if (id !== undefined) this.#objects.drop(kind, id);
  }

  #tell(family: string, name: string, state: SourceState['state'] | undefined, reason?: string): void {
    const { graph, writer, clock } = this.#options;
    const now = state && sinceBefore(graph.sources(family).get(name), stateOf(state, reason, clock));
    writer.setSource(family, name, now);
  }
}
