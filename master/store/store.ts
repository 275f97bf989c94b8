// The one writer of the graph: takes what reflectors and the runtime collector hand over, and tells the engine what
// exists. A list is compared with what is held as its pages come, and only what differs is kept until the list is whole:
// a relist of an unchanged kind costs no memory, and a list that breaks off changes nothing. One that differs much is
// swapped in slices, each a revision, so that nobody waits for 100,000 Pods that went while nobody looked.
import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../src/clock.ts';
import { resourceId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Engine } from '../graph/engine.ts';
import type { Vertex } from '../graph/vertex.ts';
import type { Kind } from '../kinds/kind.ts';
import { typeOfKind } from '../kinds/lookup.ts';
import type { EventType, ListSession, Sink } from '../kubernetes/sink.ts';
import type { Containers } from './containers.ts';
import type { ItemMaker } from './item.ts';
import { stateOf } from './source-state.ts';

export interface StoreOptions {
  readonly engine: Engine;
  readonly items: ItemMaker;
  readonly containers: Containers;
  readonly clock: Clock;
  /** Objects of these kinds are counted on what they are about instead of drawn: see events.ts. */
  readonly counted?: ReadonlyMap<string, Sink>;
  /** Told of each object that nothing could be made of. It is not in the graph; all others are. */
  readonly onRefused?: (refusal: Refusal) => void;
  /** Lets others have their turn between two slices of a swap. */
  readonly pause?: () => Promise<void>;
}

export interface Refusal {
  readonly type: string;
  /** As far as it says one. */
  readonly id: string | undefined;
  readonly error: unknown;
}

export interface Store {
  sinkOf(kind: Kind): Sink;
  /** Objects that were refused, because nothing can be made of them. */
  readonly refused: number;
}

/** An object as the graph keeps it, on its way there. */
interface Reduced {
  readonly id: string;
  readonly object: KubernetesObject;
  readonly resourceVersion: string;
}

/** How many differing objects make one revision: as many as a page brings. */
const slice = 500;

export function createStore({
  engine,
  items,
  containers,
  clock,
  counted,
  onRefused,
  pause = setImmediate,
}: StoreOptions): Store {
  let lists = 0;
  let refused = 0;

  function refuse(type: string, object: unknown, error: unknown): void {
    refused++;
    onRefused?.({ type, id: idOf(type, object), error });
  }

  /** Undefined, and refused, where the object is none: whatever one of them is, it costs no other. */
  function reduce(kind: Kind, type: string, object: KubernetesObject): Reduced | undefined {
    const id = idOf(type, object);
    try {
      if (id === undefined) throw new Error('it has no name');
      const { resourceVersion } = object.metadata as { readonly resourceVersion?: unknown };
      const version = typeof resourceVersion === 'string' ? resourceVersion : '';
      return { id, object: items.reduce(kind, object), resourceVersion: version };
    } catch (error) {
      refuse(type, object, error);
      return undefined;
    }
  }

  function put(kind: Kind, type: string, { id, object, resourceVersion }: Reduced): Vertex | undefined {
    try {
      const parts = kind.parts?.(object);
      engine.put(items.fromObject(type, object, resourceVersion));
      if (parts) containers.ofObject(id, parts);
      if (type === 'StorageClass') defaults.see(object);
      return engine.get(id);
    } catch (error) {
      refuse(type, object, error);
      drop(kind, id);
      return undefined;
    }
  }

  function drop(kind: Kind, id: string): void {
    engine.remove(id);
    if (kind.parts) containers.ofObject(id, []);
    defaults.forget(id);
  }

  /** The StorageClass that claims without one get: the newest that is marked, as the admission plugin chooses. */
  const defaults = createDefaultClass((id) => engine.setKey('default', 'StorageClass', id));

  function membersOf(type: string): Vertex[] {
    return [...engine.namespacesOf(type)].flatMap((namespace) => [...engine.members(type, namespace)]);
  }

  function isEmpty(type: string): boolean {
    for (const _ of engine.namespacesOf(type)) return false;
    return true;
  }

  function listOf(kind: Kind, type: string): ListSession {
    const list = ++lists;
    const differing: Reduced[] = [];
    // Nothing can be told wrong while nothing is known: a first list is shown as it comes.
    const atOnce = engine.kinds().get(type)?.state !== 'synced' && isEmpty(type);

    function see(object: KubernetesObject): void {
      const held = heldAs(engine, type, object);
      if (held) {
        held.seen = list;
        return;
      }
      const reduced = reduce(kind, type, object);
      if (!reduced) return;
      if (atOnce) keep(reduced);
      else differing.push(reduced);
    }

    function keep(reduced: Reduced): void {
      const vertex = put(kind, type, reduced);
      if (vertex) vertex.seen = list;
    }

    function* swap(): Generator<void> {
      for (const each of differing) yield keep(each);
      for (const vertex of membersOf(type)) if (vertex.seen !== list) yield drop(kind, vertex.id);
    }

    /** Makes one revision of the next slice, and says whether it was the last. */
    function endOf(steps: Generator<void>): boolean {
      let ended = false;
      containers.transact(() => {
        for (let n = 0; n < slice && !ended; n++) ended = steps.next().done === true;
      });
      return ended;
    }

    return {
      page: (objects) => containers.transact(() => objects.forEach(see)),
      abort() {
        differing.length = 0;
      },
      async commit() {
        const steps = swap();
        while (!endOf(steps)) await pause();
        differing.length = 0;
      },
    };
  }

  function happen(kind: Kind, type: string, event: EventType, object: KubernetesObject): void {
    const reduced = event === 'DELETED' ? undefined : reduce(kind, type, object);
    const id = idOf(type, object);
    if (reduced) put(kind, type, reduced);
    // What became unreadable is not shown as it was.
    else if (id !== undefined) drop(kind, id);
  }

  return {
    get refused() {
      return refused;
    },
    sinkOf(kind) {
      const type = typeOfKind(kind);
      const instead = counted?.get(type);
      if (instead) return instead;
      return {
        list: () => listOf(kind, type),
        event: (event, object) => containers.transact(() => happen(kind, type, event, object)),
        state(state, reason) {
          containers.transact(() => {
            engine.setKind(type, stateOf(state, reason, clock));
            if (state === 'absent') for (const vertex of membersOf(type)) drop(kind, vertex.id);
          });
        },
      };
    },
  };
}

/** Undefined for what has no name that an id could be made of. */
export function idOf(type: string, object: unknown): string | undefined {
  const { metadata } = (object ?? {}) as { readonly metadata?: unknown };
  const { name, namespace } = (metadata ?? {}) as { readonly name?: unknown; readonly namespace?: unknown };
  if (typeof name !== 'string' || name === '') return undefined;
  if (typeof namespace === 'string') return resourceId(type, name, namespace);
  return namespace === undefined || namespace === null ? resourceId(type, name) : undefined;
}

/** The vertex that shows this very version of the object already. */
function heldAs(engine: Engine, type: string, object: KubernetesObject): Vertex | undefined {
  const id = idOf(type, object);
  const held = id === undefined ? undefined : engine.get(id);
  if (!held?.present) return undefined;
  const { uid, resourceVersion } = object.metadata;
  return resourceVersion && held.uid === uid && held.resourceVersion === resourceVersion ? held : undefined;
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
