// Applies one list of one kind: compares pages with the graph as they arrive, and swaps in the differences when the list is
// complete.
import type { KubernetesObject } from '../../src/model.ts';
import type { GraphReader, GraphWriter, Item } from '../graph/engine/engine.ts';
import type { Kind } from '../kinds/kind.ts';
import { giveBack, leanOf, objectsOf, type Page } from '../sources/kubernetes/page.ts';
import type { ListOptions, ListSession } from '../sources/kubernetes/sink.ts';
import { idOf } from './id-of.ts';
import type { Prepared } from './item.ts';
import type { ObjectsOfKinds } from './objects-of-kinds.ts';
import type { PageReader } from './pages/reader.ts';

export interface ListParts {
  readonly graph: GraphReader;
  readonly writer: GraphWriter;
  readonly objects: ObjectsOfKinds;
  readonly pages: PageReader | undefined;
  /** Yields to others. */
  readonly pause: () => Promise<void>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Differing objects per revision: about one page. */
const slice = 500;
/** References per revision: 500 ordinary objects have fewer, and one may have as many as 500 others. */
const sliceReferences = 10_000;
/** Milliseconds after which a page that is being read lets others have their turn: one object may cost as much as 500. */
const turn = 100;

/** `list`: unique number of the list. */
export function listIntoGraph(
  parts: ListParts,
  kind: Kind,
  type: string,
  list: number,
  options: ListOptions,
): ListSession {
  const session = new GraphList(parts, kind, type, list, options);
  const { pages } = parts;
  return {
    page: (objects) => session.page(objects),
    ...(pages ? { read: (page: Page) => session.read(page, pages) } : {}),
    abort: () => session.abort(),
    commit: () => session.commit(),
  };
}

class GraphList {
  readonly #parts: ListParts;
  readonly #kind: Kind;
  readonly #type: string;
  readonly #list: number;
  readonly #distrust: boolean;
  /** An initial list is shown as it arrives: it cannot contradict anything. */
  readonly #atOnce: boolean;
  readonly #differing: Prepared[] = [];
  /** Number of pages being read: not every caller waits for each. */
  #reading = 0;
  #open = true;

  constructor(parts: ListParts, kind: Kind, type: string, list: number, { distrust = false }: ListOptions) {
    this.#parts = parts;
    this.#kind = kind;
    this.#type = type;
    this.#list = list;
    this.#distrust = distrust;
    const { graph } = parts;
    this.#atOnce = graph.sources('kinds').get(type)?.state !== 'synced' && isEmpty(graph.namespacesOf(type));
  }

  page(objects: Iterable<KubernetesObject>): Promise<void> {
    return this.#inTurns(objects, (object) => this.#see(object));
  }

  async read(page: Page, reader: PageReader): Promise<void> {
    const { page: back, prepared, refusals } = await reader.read(this.#type, page);
    try {
      if (!this.#open) return;
      if (!prepared) return await this.page(objectsOf(leanOf(back)));
      for (const refusal of refusals) this.#parts.objects.refuse(refusal);
      await this.#inTurns(prepared, (each) => this.#takeRead(each));
    } finally {
      giveBack(back.memory);
    }
  }

  abort(): void {
    this.#open = false;
    this.#differing.length = 0;
  }

  async commit(): Promise<void> {
    while (this.#reading > 0) await this.#parts.pause();
    this.#open = false;
    const steps = this.#swap();
    while (!this.#endOf(steps)) await this.#parts.pause();
    this.#differing.length = 0;
  }

  /** Processes items in transactions and yields every few milliseconds. */
  async #inTurns<T>(each: Iterable<T>, see: (one: T) => void): Promise<void> {
    const { writer, now, pause } = this.#parts;
    const rest = each[Symbol.iterator]();
    this.#reading++;
    try {
      for (let next = rest.next(); this.#open && !next.done; ) {
        const end = now() + turn;
        writer.transact(() => {
          for (; !next.done && now() < end; next = rest.next()) see(next.value);
        });
        if (!next.done) await pause();
      }
    } finally {
      this.#reading--;
    }
  }

  #see(object: KubernetesObject): void {
    const { uid, resourceVersion } = object?.metadata ?? {};
    if (this.#isHeld(idOf(this.#type, object), uid, resourceVersion)) return;
    const prepared = this.#parts.objects.prepare(this.#kind, this.#type, object);
    if (prepared) this.#take(prepared);
  }

  /** Copies what is kept for later: prepared bytes are in the page's memory, which is reused. */
  #takeRead(prepared: Prepared): void {
    const { id, uid, resourceVersion } = prepared.item;
    if (!this.#isHeld(id, uid, resourceVersion)) this.#take(this.#atOnce ? prepared : copyOf(prepared));
  }

  /** Whether the graph already shows this version of the object. */
  #isHeld(id: string | undefined, uid: unknown, resourceVersion: unknown): boolean {
    const held = id === undefined ? undefined : this.#parts.graph.get(id);
    if (!held?.present || !resourceVersion) return false;
    if (this.#distrust || held.uid !== uid || held.resourceVersion !== resourceVersion) return false;
    held.seen = this.#list;
    return true;
  }

  #take(prepared: Prepared): void {
    if (this.#atOnce) this.#keep(prepared);
    else this.#differing.push(prepared);
  }

  #keep(prepared: Prepared): void {
    const vertex = this.#parts.objects.put(this.#kind, prepared);
    if (vertex) vertex.seen = this.#list;
  }

  /** Yields what each step weighs, in references. */
  *#swap(): Generator<number> {
    const { objects } = this.#parts;
    for (const each of this.#differing) {
      this.#keep(each);
      yield weightOf(each);
    }
    for (const vertex of objects.of(this.#type)) {
      if (vertex.seen === this.#list) continue;
      const relations = vertex.out.reduce((sum, { size }) => sum + size, vertex.in.length);
      objects.drop(this.#kind, vertex.id);
      yield relations;
    }
  }

  /** Applies the next slice as one revision; true if it was the last. */
  #endOf(steps: Generator<number>): boolean {
    let ended = false;
    this.#parts.writer.transact(() => {
      for (let n = 0, weight = 0; n < slice && weight < sliceReferences && !ended; n++) {
        const step = steps.next();
        ended = step.done === true;
        if (!step.done) weight += step.value;
      }
    });
    return ended;
  }
}

/** Its references, and those of its parts. */
function weightOf({ item, parts = [] }: Prepared): number {
  return parts.reduce((sum, part) => sum + part.item.references.length, item.references.length);
}

function isEmpty(all: Iterable<unknown>): boolean {
  for (const _ of all) return false;
  return true;
}

function copyOf({ item, parts, ...rest }: Prepared): Prepared {
  return { ...rest, item: copyOfItem(item), parts: parts?.map((part) => ({ ...part, item: copyOfItem(part.item) })) };
}

function copyOfItem(item: Item): Item {
  return { ...item, properties: Buffer.from(item.properties) };
}
