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
import { listIntoGraph } from './list-into-graph.ts';
import { ObjectsOfKinds, type ObjectsOptions } from './objects-of-kinds.ts';
import type { PageReader } from './pages/reader.ts';
import { sinceBefore, stateOf } from './source-state.ts';

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

export interface Store {
  /** Sets the state of another part of the API server, such as an unreachable group; undefined forgets it. */
  tell(family: string, name: string, state: SourceState['state'] | undefined, reason?: string): void;
  sinkOf(kind: Kind): Sink;
  /** Number of unusable objects. */
  readonly refused: number;
}

export function createStore(options: StoreOptions): Store {
  const { graph, writer, clock, counted, pages, pause = setImmediate, now = () => performance.now() } = options;
  const objects = new ObjectsOfKinds(options);
  const listParts = { graph, writer, objects, pages, pause, now };
  let lists = 0;

  function happen(kind: Kind, type: string, event: EventType, object: KubernetesObject): void {
    const id = idOf(type, object);
    const prepared = event === 'DELETED' ? undefined : objects.prepare(kind, type, object);
    if (prepared) objects.put(kind, prepared);
    // An object that became unusable is removed, not shown in its old state.
    else if (id !== undefined) objects.drop(kind, id);
  }

  function tell(family: string, name: string, state: SourceState['state'] | undefined, reason?: string): void {
    const now = state && sinceBefore(graph.sources(family).get(name), stateOf(state, reason, clock));
    writer.setSource(family, name, now);
  }

  function sinkFor(kind: Kind, type: string): Sink {
    return {
      list: (asked = {}) => listIntoGraph(listParts, kind, type, ++lists, asked),
      held: () => objects.of(type),
      event: (event, object) => writer.transact(() => happen(kind, type, event, object)),
      together: (run) => writer.transact(run),
      state(state, reason) {
        writer.transact(() => {
          tell('kinds', type, state, reason);
          if (state === 'absent') for (const vertex of objects.of(type)) objects.drop(kind, vertex.id);
        });
      },
    };
  }

  return {
    get refused() {
      return objects.refused;
    },
    tell: (family, name, state, reason) => writer.transact(() => tell(family, name, state, reason)),
    sinkOf(kind) {
      const type = typeOfKind(kind);
      return counted?.get(type) ?? sinkFor(kind, type);
    },
  };
}
