// The one writer of the graph: takes what reflectors and the runtime collector hand over, and tells the engine what
// exists. A list is compared with what is held as its pages come, and only what differs is kept until the list is whole:
// a relist of an unchanged kind costs no memory, and a list that breaks off changes nothing.

import type { Clock } from '../../src/clock.ts';
import { resourceId } from '../../src/ids.ts';
import type { KubernetesObject, SourceState } from '../../src/model.ts';
import type { Engine } from '../graph/engine.ts';
import type { Vertex } from '../graph/vertex.ts';
import type { Kind } from '../kinds/kind.ts';
import { typeOfKind } from '../kinds/lookup.ts';
import type { ListSession, Sink } from '../kubernetes/sink.ts';
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
}

export interface Store {
  sinkOf(kind: Kind): Sink;
  /** Objects that were refused, because nothing can be made of them. */
  readonly refused: number;
}

export function createStore({ engine, items, containers, clock, counted }: StoreOptions): Store {
  let lists = 0;
  let refused = 0;

  function take(kind: Kind, type: string, object: KubernetesObject): Vertex | undefined {
    if (typeof object?.metadata?.name !== 'string' || object.metadata.name === '') {
      refused++;
      return undefined;
    }
    const resourceVersion = object.metadata.resourceVersion ?? '';
    const reduced = items.reduce(kind, object);
    const parts = kind.parts?.(reduced);
    engine.put(items.fromObject(type, reduced, resourceVersion));
    const id = resourceId(type, reduced.metadata.name, reduced.metadata.namespace);
    if (parts) containers.ofObject(id, parts);
    if (type === 'StorageClass') defaults.see(reduced);
    return engine.get(id);
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

  function listOf(kind: Kind, type: string): ListSession {
    const list = ++lists;
    const differing: KubernetesObject[] = [];
    let applying = engine.kinds().get(type)?.state !== 'synced' && membersOf(type).length === 0;

    function see(object: KubernetesObject): void {
      const { name, namespace, uid, resourceVersion } = object.metadata ?? {};
      const held = engine.get(resourceId(type, name, namespace));
      if (held?.present && held.uid === uid && held.resourceVersion === resourceVersion && resourceVersion) {
        held.seen = list;
      } else if (applying) {
        const vertex = take(kind, type, object);
        if (vertex) vertex.seen = list;
      } else differing.push(items.reduce(kind, keepVersion(object)));
    }

    return {
      page: (objects) => engine.transact(() => objects.forEach(see)),
      abort() {
        differing.length = 0;
      },
      commit() {
        applying = true;
        engine.transact(() => {
          for (const object of differing) see(restoreVersion(object));
          for (const vertex of membersOf(type)) if (vertex.seen !== list) drop(kind, vertex.id);
        });
        differing.length = 0;
      },
    };
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
        event(event, object) {
          engine.transact(() => {
            if (event !== 'DELETED') take(kind, type, object);
            else drop(kind, resourceId(type, object.metadata.name, object.metadata.namespace));
          });
        },
        state(state, reason) {
          engine.transact(() => {
            engine.setKind(type, stateOf(state, reason, clock));
            if (state === 'absent') for (const vertex of membersOf(type)) drop(kind, vertex.id);
          });
        },
      };
    },
  };
}

// A reduced object has no resourceVersion; one that waits for its list to be whole carries it under a symbol.
const version = Symbol('resourceVersion');

function keepVersion(object: KubernetesObject): KubernetesObject {
  (object as { [version]?: unknown })[version] = object.metadata.resourceVersion;
  return object;
}

function restoreVersion(object: KubernetesObject): KubernetesObject {
  const resourceVersion = (object as { [version]?: unknown })[version];
  return { ...object, metadata: { ...object.metadata, resourceVersion } } as KubernetesObject;
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
