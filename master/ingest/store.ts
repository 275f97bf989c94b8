// The one writer of the graph: takes what reflectors and the runtime collector hand over, and tells the engine what
// exists. A list is compared with what is held as its pages come, and only what differs is kept until the list is whole:
// a relist of an unchanged kind costs no memory, and a list that breaks off changes nothing. One that differs much is
// swapped in slices, each a revision, so that nobody waits for 100,000 Pods that went while nobody looked. Long pages may be
// prepared in another thread (pages/); what an object comes to is the same.
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
  /** Objects of these kinds are counted on what they are about instead of drawn: see events.ts. */
  readonly counted?: ReadonlyMap<string, Sink>;
  /** Prepares pages of lists elsewhere. */
  readonly pages?: PageReader | undefined;
  /** Lets others have their turn between two slices of a swap. */
  readonly pause?: () => Promise<void>;
  /** Milliseconds, of no clock in particular. */
  readonly now?: () => number;
}

export interface Store {
  /** How something else of the API server stands, such as a group that cannot be asked; undefined forgets it. */
  tell(family: string, name: string, state: SourceState['state'] | undefined, reason?: string): void;
  sinkOf(kind: Kind): Sink;
  /** Objects that were refused, because nothing can be made of them. */
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
    // What became unreadable is not shown as it was.
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
