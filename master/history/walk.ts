// Follows relations through a large past graph: paths, impact. Data is read as needed: a question runs on what is in memory,
// records what it missed, that is read, and the question runs again. The last run misses nothing, so its answer equals that of
// the whole graph.
import { fault } from '../../src/errors.ts';
import type { Steps } from '../../src/steps.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { NotRead, type UndoLogs, type Unread } from '../graph/revisions/undo-log.ts';
import type { Turns } from '../turns.ts';
import type { Moment } from './archive-reader.ts';
import { PastGraph } from './past-graph.ts';
import type { Places, Touching } from './segment-walk.ts';
import type { Thread } from './threads.ts';

/** Number of missed resources at which a run is stopped: this many, or a share of what is in memory. */
const fewMissed = 64;
const shareMissed = 1 / 4;

export class WalkedGraph extends PastGraph {
  /** Ids whose relations are all in memory, including ids that did not exist. */
  readonly #read = new Set<string>();
  readonly #missed = new Set<string>();
  #missedPlaces = false;
  #places: Places | undefined;
  readonly #unread: Unread = {
    need: (vertex) => this.#miss(vertex),
    check: () => {
      if (this.lacks) throw new NotRead();
    },
  };
  override readonly undoLogs: UndoLogs = {
    open: () => ({
      unread: this.#unread,
      of: (vertex) => (this.#read.has(vertex.id) ? vertex : borderOf(vertex, () => this.#miss(vertex))),
      standingOf: (vertex) => this.standingOf(vertex),
      claimsOf: (edge) => edge.claims,
      close: () => {},
    }),
    willChange: () => {},
    edgeWillChange: () => {},
  };

  override get(id: string): Vertex | undefined {
    const known = super.get(id);
    if (!known && !this.#read.has(id)) this.#missed.add(id);
    return known;
  }

  override namespacesOf(type: string): Iterable<string> {
    this.#missedPlaces ||= this.#places === undefined;
    return this.#places?.[type] ?? [];
  }

  /** Whether the run needed something that is not in memory. */
  get lacks(): boolean {
    return this.#missed.size > 0 || this.#missedPlaces;
  }

  /** Whether it is time to stop the run and read. */
  get lacksMuch(): boolean {
    return this.#missed.size > fewMissed + this.#read.size * shareMissed;
  }

  /** What to read now. */
  take(): { readonly ids: readonly string[]; readonly places: boolean } {
    const missed = { ids: [...this.#missed], places: this.#missedPlaces };
    this.#missed.clear();
    this.#missedPlaces = false;
    return missed;
  }

  tell(places: Places): void {
    this.#places = places;
  }

  isRead(id: string): boolean {
    return this.#read.has(id);
  }

  has(id: string): boolean {
    return super.get(id) !== undefined;
  }

  /** Marks all relations of these resources as read. */
  done(ids: readonly string[]): void {
    for (const id of ids) this.#read.add(id);
  }

  #miss({ id }: Pick<Vertex, 'id'>): void {
    if (!this.#read.has(id)) this.#missed.add(id);
  }
}

/** A loaded vertex whose relations are not all loaded: looking at them calls `note`. */
function borderOf(vertex: Vertex, note: () => void): Vertex {
  const noted = (read: () => unknown) => ({
    get() {
      note();
      return read();
    },
  });
  return Object.create(vertex, {
    out: noted(() => vertex.out),
    in: noted(() => vertex.in),
    blocks: noted(() => vertex.blocks),
    claims: { get: () => vertex.claims },
    claimsBy: { value: (rules: ReadonlySet<string>) => vertex.claimsBy(rules) },
  }) as Vertex;
}

export interface WalkOptions {
  readonly graph: WalkedGraph;
  readonly moment: Moment;
  readonly stream: Thread['stream'];
  readonly places: () => Promise<Places>;
  /** Maximum resources in memory. */
  readonly most: number;
  readonly turns: Pick<Turns, 'run'>;
}

/** A started read is finished. */
const never = new AbortController().signal;
const hint = 'follow fewer, with relation=, depth= or direction= for example';

/** Belongs to one question: its growing graph is not shared. */
export class Walk {
  readonly #options: WalkOptions;

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  /**
   * The result of the steps; undefined if something was missing, which is in memory now: run them again.
   * @param run runs steps in turns with other work.
   * @throws Fault `query_too_large`, and what the steps throw.
   */
  async try<T>(make: () => Steps<T>, run: (steps: Steps<T>) => Promise<T>): Promise<{ readonly found: T } | undefined> {
    const { graph } = this.#options;
    try {
      const found = await run(this.#until(make));
      if (!graph.lacks) return { found };
    } catch (error) {
      const isMissing = error instanceof NotRead || (error as { readonly code?: string }).code !== 'client_gone';
      if (!graph.lacks || !isMissing) throw error;
    }
    await this.#read();
    return undefined;
  }

  *#until<T>(make: () => Steps<T>): Steps<T> {
    const { graph } = this.#options;
    const steps = make();
    try {
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done) return step.value;
        if (graph.lacksMuch) throw new NotRead();
        yield;
      }
    } finally {
      steps.return(undefined as never);
    }
  }

  async #read(): Promise<void> {
    const { graph, moment, stream, places, turns } = this.#options;
    const missed = graph.take();
    if (missed.places) graph.tell(await places());
    const parts: Touching[] = [];
    const ends = new Set(missed.ids);
    for await (const part of stream('touching', { moment, ids: missed.ids })) {
      const kept = { ...part, edges: part.edges.filter((_, i) => this.#isNew(part, i - (i % 5))) };
      for (let i = 0; i < kept.edges.length; i += 5)
        for (const end of [kept.edges[i], kept.edges[i + 2]]) ends.add(part.words[end ?? -1] ?? '');
      parts.push(kept);
      this.#bound(ends.size);
    }
    const ids = [...ends].filter((id) => !graph.has(id));
    this.#bound(graph.order.size + ids.length);
    for await (const chunk of stream('load', { moment, reach: { ids, bare: true } }))
      await turns.run(graph.add(chunk), never);
    for (const part of parts) await turns.run(graph.relate(part), never);
    graph.done(missed.ids);
  }

  /** False if one end was read before: its relations are all in memory. */
  #isNew({ words, edges }: Touching, i: number): boolean {
    const { graph } = this.#options;
    return ![edges[i], edges[i + 2]].some((end) => graph.isRead(words[end ?? -1] ?? ''));
  }

  #bound(size: number): void {
    const { most } = this.#options;
    if (size <= most) return;
    throw fault('query_too_large', { reason: `it leads over more than ${most} resources of that time`, hint });
  }
}
