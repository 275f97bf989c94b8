// The one writer of the graph: takes what reflectors and the runtime collector hand over, and tells the engine what
// exists. A list is compared with what is held as its pages come, and only what differs is kept until the list is whole:
// a relist of an unchanged kind costs no memory, and a list that breaks off changes nothing. One that differs much is
// swapped in slices, each a revision, so that nobody waits for 100,000 Pods that went while nobody looked. Long pages may be
// prepared in another thread (pages/); what an object comes to is the same.
import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../src/clock.ts';
import type { KubernetesObject, SourceState } from '../../src/model.ts';
import type { GraphReader, GraphWriter, Item } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { Kind } from '../kinds/kind.ts';
import { typeOfKind } from '../kinds/lookup.ts';
import { giveBack, leanOf, objectsOf, type Page } from '../sources/kubernetes/page.ts';
import type { EventType, ListOptions, ListSession, Sink } from '../sources/kubernetes/sink.ts';
import type { Containers } from './containers.ts';
import { idOf } from './id-of.ts';
import type { ItemMaker, Prepared } from './item.ts';
import type { PageReader } from './pages/reader.ts';
import { sinceBefore, stateOf } from './source-state.ts';

export interface StoreOptions {
  readonly graph: GraphReader;
  /** Writes to `graph`. */
  readonly writer: GraphWriter;
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
  /** Milliseconds, of no clock in particular. */
  readonly now?: () => number;
}

export interface Refusal {
  readonly type: string;
  /** As far as it says one. */
  readonly id: string | undefined;
  readonly error: unknown;
}

export interface Store {
  /** How something else of the API server stands, such as a group that cannot be asked; undefined forgets it. */
  tell(family: string, name: string, state: SourceState['state'] | undefined, reason?: string): void;
  sinkOf(kind: Kind): Sink;
  /** Objects that were refused, because nothing can be made of them. */
  readonly refused: number;
}

/** How many differing objects make one revision: as many as a page brings. */
const slice = 500;
/** Milliseconds after which a page that is being read lets others have their turn: one object may cost as much as 500. */
const turn = 100;

export function createStore({
  graph,
  writer,
  items,
  containers,
  clock,
  counted,
  pages,
  onRefused,
  pause = setImmediate,
  now = () => performance.now(),
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
      writer.put(item);
      if (parts) containers.ofObject(id, parts);
      return graph.get(id);
    } catch (error) {
      refuse({ type, id, error });
      drop(kind, id);
      return undefined;
    }
  }

  function drop(kind: Kind, id: string): void {
    writer.remove(id);
    if (kind.parts) containers.ofObject(id, []);
  }

  function membersOf(type: string): Vertex[] {
    return [...graph.namespacesOf(type)].flatMap((namespace) => [...graph.members(type, namespace)]);
  }

  function isEmpty(type: string): boolean {
    for (const _ of graph.namespacesOf(type)) return false;
    return true;
  }

  function listOf(kind: Kind, type: string, { distrust = false }: ListOptions = {}): ListSession {
    const list = ++lists;
    const differing: Prepared[] = [];
    /** Pages that are being read: not every caller waits for each. */
    let reading = 0;
    let open = true;
    // Nothing can be told wrong while nothing is known: a first list is shown as it comes.
    const atOnce = graph.sources('kinds').get(type)?.state !== 'synced' && isEmpty(type);

    function see(object: KubernetesObject): void {
      const { uid, resourceVersion } = object?.metadata ?? {};
      if (isHeld(idOf(type, object), uid, resourceVersion)) return;
      const prepared = prepare(kind, type, object);
      if (prepared) take(prepared);
    }

    /** Whether the graph shows this very version of the object already. */
    function isHeld(id: string | undefined, uid: unknown, resourceVersion: unknown): boolean {
      const held = id === undefined ? undefined : graph.get(id);
      if (!held?.present || !resourceVersion) return false;
      if (distrust || held.uid !== uid || held.resourceVersion !== resourceVersion) return false;
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

    /** Each is seen within a transaction; after some milliseconds of it others have their turn. */
    async function inTurns<T>(each: Iterable<T>, see: (one: T) => void): Promise<void> {
      const rest = each[Symbol.iterator]();
      reading++;
      try {
        for (let next = rest.next(); open && !next.done; ) {
          const end = now() + turn;
          writer.transact(() => {
            for (; !next.done && now() < end; next = rest.next()) see(next.value);
          });
          if (!next.done) await pause();
        }
      } finally {
        reading--;
      }
    }

    async function read(each: Page, reader: PageReader): Promise<void> {
      const { page: back, prepared, refusals } = await reader.read(type, each);
      try {
        if (!open) return;
        if (!prepared) return await inTurns(objectsOf(leanOf(back)), see);
        refusals.forEach(refuse);
        await inTurns(prepared, takeRead);
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
      writer.transact(() => {
        for (let n = 0; n < slice && !ended; n++) ended = steps.next().done === true;
      });
      return ended;
    }

    return {
      page: (objects) => inTurns(objects, see),
      ...(pages ? { read: (each: Page) => read(each, pages) } : {}),
      abort() {
        open = false;
        differing.length = 0;
      },
      async commit() {
        while (reading > 0) await pause();
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
    tell(family, name, state, reason) {
      writer.transact(() =>
        writer.setSource(
          family,
          name,
          state && sinceBefore(graph.sources(family).get(name), stateOf(state, reason, clock)),
        ),
      );
    },
    sinkOf(kind) {
      const type = typeOfKind(kind);
      const instead = counted?.get(type);
      if (instead) return instead;
      return {
        list: (options) => listOf(kind, type, options),
        held: () => membersOf(type),
        event: (event, object) => writer.transact(() => happen(kind, type, event, object)),
        together: (run) => writer.transact(run),
        state(state, reason) {
          writer.transact(() => {
            writer.setSource(
              'kinds',
              type,
              sinceBefore(graph.sources('kinds').get(type), stateOf(state, reason, clock)),
            );
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
