// The one writer of the graph: takes what reflectors and the runtime collector hand over, and tells the engine what
// exists. A list is compared with what is held as its pages come, and only what differs is kept until the list is whole:
// a relist of an unchanged kind costs no memory, and a list that breaks off changes nothing. One that differs much is
// swapped in slices, each a revision, so that nobody waits for 100,000 Pods that went while nobody looked. Long pages may be
// prepared in another thread (pages/); what an object comes to is the same.
import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../src/clock.ts';
import { resourceId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Engine, Item } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { Kind } from '../kinds/kind.ts';
import { typeOfKind } from '../kinds/lookup.ts';
import { giveBack, leanOf, objectsOf, type Page } from '../sources/kubernetes/page.ts';
import type { EventType, ListSession, Sink } from '../sources/kubernetes/sink.ts';
import type { Containers } from './containers.ts';
import { idOf } from './id-of.ts';
import type { ItemMaker, Prepared } from './item.ts';
import type { PageReader } from './pages/reader.ts';
import { stateOf } from './source-state.ts';

export interface StoreOptions {
  readonly engine: Engine;
  readonly items: ItemMaker;
  readonly containers: Containers;
  readonly clock: Clock;
  /** Objects of these kinds are counted on what they are about instead of drawn: see events.ts. */
  readonly counted?: ReadonlyMap<string, Sink>;
  /** Prepares pages of lists elsewhere. */
  readonly pages?: PageReader | undefined;
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

/** How many differing objects make one revision: as many as a page brings. */
const slice = 500;

export function createStore({
  engine,
  items,
  containers,
  clock,
  counted,
  pages,
  onRefused,
  pause = setImmediate,
}: StoreOptions): Store {
  let lists = 0;
  let refused = 0;

  function refuse(refusal: Refusal): void {
    refused++;
    onRefused?.(refusal);
  }

  /** Undefined, and refused, where the object is none: whatever one of them is, it costs no other. */
  function prepare(kind: Kind, type: string, object: KubernetesObject): Prepared | undefined {
    try {
      return items.prepare(kind, type, object);
    } catch (error) {
      refuse({ type, id: idOf(type, object), error });
      return undefined;
    }
  }

  function put(kind: Kind, { item, parts }: Prepared): Vertex | undefined {
    const { id, type } = item;
    try {
      engine.put(item);
      if (parts) containers.ofObject(id, parts);
      if (type === 'StorageClass') defaults.see(JSON.parse(String(item.properties)) as KubernetesObject);
      return engine.get(id);
    } catch (error) {
      refuse({ type, id, error });
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
    const differing: Prepared[] = [];
    let open = true;
    // Nothing can be told wrong while nothing is known: a first list is shown as it comes.
    const atOnce = engine.kinds().get(type)?.state !== 'synced' && isEmpty(type);

    function see(object: KubernetesObject): void {
      const { uid, resourceVersion } = object?.metadata ?? {};
      if (isHeld(idOf(type, object), uid, resourceVersion)) return;
      const prepared = prepare(kind, type, object);
      if (prepared) take(prepared);
    }

    /** Whether the graph shows this very version of the object already. */
    function isHeld(id: string | undefined, uid: unknown, resourceVersion: unknown): boolean {
      const held = id === undefined ? undefined : engine.get(id);
      if (!held?.present || !resourceVersion) return false;
      if (held.uid !== uid || held.resourceVersion !== resourceVersion) return false;
      held.seen = list;
      return true;
    }

    function take(prepared: Prepared): void {
      if (atOnce) keep(prepared);
      else differing.push(prepared);
    }

    function keep(prepared: Prepared): void {
      const vertex = put(kind, prepared);
      if (vertex) vertex.seen = list;
    }

    /** What was prepared elsewhere lies in the memory of its page, which is used again: what is kept for later is copied. */
    function takeRead(prepared: Prepared): void {
      const { id, uid, resourceVersion } = prepared.item;
      if (!isHeld(id, uid, resourceVersion)) take(atOnce ? prepared : copyOf(prepared));
    }

    function page(objects: readonly KubernetesObject[]): void {
      containers.transact(() => objects.forEach(see));
    }

    async function read(each: Page, reader: PageReader): Promise<void> {
      const { page: back, prepared, refusals } = await reader.read(type, each);
      try {
        if (!open) return;
        if (!prepared) return page(objectsOf(leanOf(back)));
        refusals.forEach(refuse);
        containers.transact(() => {
          for (const each of prepared) takeRead(each);
        });
      } finally {
        giveBack(back.memory);
      }
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
      page,
      ...(pages ? { read: (each: Page) => read(each, pages) } : {}),
      abort() {
        open = false;
        differing.length = 0;
      },
      async commit() {
        open = false;
        const steps = swap();
        while (!endOf(steps)) await pause();
        differing.length = 0;
      },
    };
  }

  function happen(kind: Kind, type: string, event: EventType, object: KubernetesObject): void {
    const id = idOf(type, object);
    const prepared = event === 'DELETED' ? undefined : prepare(kind, type, object);
    if (prepared) put(kind, prepared);
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
        together: (run) => containers.transact(run),
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

function copyOf({ item, parts }: Prepared): Prepared {
  return { item: copyOfItem(item), parts: parts?.map((part) => ({ ...part, item: copyOfItem(part.item) })) };
}

function copyOfItem(item: Item): Item {
  return { ...item, properties: Buffer.from(item.properties) };
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
