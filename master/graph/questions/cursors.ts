// Paged reading of a selection. Its revision is held until the last page is read, a timeout passes, or too much is held:
// then the tenant that holds most loses its oldest walk. A walk returns all resources, then all relations, each exactly
// once.
import { ShareCache } from '../../../src/share-cache.ts';
import type { Steps } from '../../../src/steps.ts';
import { every } from '../../../src/steps.ts';
import type { Block } from '../engine/edges.ts';
import type { GraphReader } from '../engine/engine.ts';
import type { Entry } from '../engine/order.ts';
import type { Piece } from '../model/bytes.ts';
import type { Edge } from '../model/vertex.ts';
import { whileHeld } from '../revisions/read-view.ts';
import { linesOf } from './lines.ts';
import type { Trim } from './query.ts';
import type { Selection, Size } from './selection.ts';
import { trimmed } from './trim.ts';

/** Approximate bytes held per resource of a selection, and maximum for all selections. */
const bytesEach = 64;
const mostBytes = 128 << 20;
const mostWalks = 64;
/** Resources or relations examined between two pauses. */
const often = 512;

export interface Page {
  readonly selection: Selection;
  resources(): Iterable<Piece>;
  relations(): Iterable<Piece | undefined>;
  /** Numbers of resources and relations. */
  readonly size: Size;
  /** Cursor of the next page; undefined on the last. */
  readonly next: string | undefined;
  /** Resources and relations after this page. */
  readonly remaining: number;
  /** Call once after reading. */
  release(): void;
}

export interface PageOptions {
  readonly limit: number;
  readonly trim?: Trim | undefined;
  /** Resources without relations. */
  readonly bare?: boolean;
  /** The tenant whose share of held selections counts. */
  readonly tenant?: string;
}

export interface Cursors {
  /** Makes the first page; holds the selection if more follow, otherwise releases it. */
  begin(selection: Selection, question: string, options: PageOptions): Steps<Page>;
  /** The page at the cursor; undefined if its walk has expired or belongs to another question. */
  proceed(cursor: string, question: string, options: PageOptions): Steps<Page | undefined>;
  size(): number;
  close(): void;
}

/** Held while it may be continued or a page is made or read. */
interface Walk {
  readonly selection: Selection;
  readonly entries: readonly Entry[];
  readonly question: string;
  holders: number;
  /** Ends it after the timeout. */
  timer?: NodeJS.Timeout;
}

/** Next relation: the index of its source and its index among all of the source's relations, selected or not. */
interface RelationPlace {
  readonly entry: number;
  readonly edge: number;
}

/** Next resource or, after all of them, next relation. */
type Place = { readonly resource: number } | RelationPlace;

interface Beginning {
  readonly place: Place;
  /** Resources and relations before it. */
  readonly position: number;
}

export interface CursorsOptions {
  readonly graph: GraphReader;
  /** An unguessable string of letters, digits, `-` and `_`. */
  readonly random: () => string;
  /** Milliseconds that a walk is held after its last page. */
  readonly patience?: number;
}

export function createCursors(options: CursorsOptions): Cursors {
  return new HeldWalks(options);
}

class HeldWalks implements Cursors {
  readonly #graph: GraphReader;
  readonly #random: () => string;
  readonly #patience: number;
  readonly #walks = new ShareCache<Walk>(mostBytes, {
    // This also bounds their number.
    weigh: ({ entries }) => Math.max(mostBytes / mostWalks, entries.length * bytesEach),
    dropped(walk) {
      clearTimeout(walk.timer);
      letGo(walk);
    },
  });

  constructor({ graph, random, patience = 300_000 }: CursorsOptions) {
    this.#graph = graph;
    this.#random = random;
    this.#patience = patience;
  }

  *begin(selection: Selection, question: string, options: PageOptions): Steps<Page> {
    const walks = this.#walks;
    const entries: Entry[] = [];
    const walk: Walk = { selection, entries, question, holders: 1 };
    const id = this.#random();
    let page: Page | undefined;
    try {
      yield* whileHeld(selection, list(selection, entries));
      page = yield* this.#pageOf(id, walk, { place: { resource: 0 }, position: 0 }, options);
      return page;
    } finally {
      // If the selection is too large, the cache has released it already.
      if (page?.next === undefined) letGo(walk);
      else {
        if (walks.set(options.tenant ?? '', id, walk)) this.#wait(id, walk);
        selection.onCut(
          () => walks.delete(id),
          () => walk.holders === 1,
        );
      }
    }
  }

  *proceed(cursor: string, question: string, options: PageOptions): Steps<Page | undefined> {
    const { id, place, position } = partsOf(cursor);
    const walk = this.#walks.get(id);
    if (!walk) return undefined;
    this.#wait(id, walk);
    if (!place || walk.question !== question) return undefined;
    return yield* this.#pageOf(id, walk, { place, position }, options);
  }

  size(): number {
    return this.#walks.size;
  }

  close(): void {
    this.#walks.clear();
  }

  #wait(id: string, walk: Walk): void {
    clearTimeout(walk.timer);
    walk.timer = setTimeout(() => this.#walks.delete(id), this.#patience).unref();
  }

  /** Adds a holder until the page is released; released at once if there is no page. */
  *#pageOf(id: string, walk: Walk, from: Beginning, options: PageOptions): Steps<Page> {
    walk.holders++;
    let made = false;
    try {
      const page = yield* whileHeld(walk.selection, this.#cut(id, walk, from, options));
      made = true;
      return page;
    } finally {
      if (!made) letGo(walk);
    }
  }

  *#cut(id: string, walk: Walk, { place: from, position }: Beginning, options: PageOptions): Steps<Page> {
    const { limit, trim, bare = false } = options;
    const { entries, selection } = walk;
    const start = 'resource' in from ? from.resource : entries.length;
    const some = entries.slice(start, start + limit);
    const end = start + some.length;
    const first = 'resource' in from ? { entry: 0, edge: 0 } : from;
    const isBehind = end === entries.length && !bare;
    const found = isBehind ? yield* relationsFrom(walk, first, limit - some.length) : undefined;
    const { resources, relations } = bare ? { resources: entries.length, relations: 0 } : yield* selection.size();
    const count = found?.count ?? 0;
    const done = position + some.length + count;
    const remaining = resources + relations - done;
    const place = end < entries.length ? { resource: end } : found?.next;
    return {
      selection,
      resources: () => trimmed(some, trim),
      relations: () => this.#linesFrom(walk, first, count),
      size: { resources: some.length, relations: count },
      next: remaining > 0 && place ? cursorOf(id, place, done) : undefined,
      remaining,
      release: () => letGo(walk),
    };
  }

  *#linesFrom(walk: Walk, from: RelationPlace, count: number): Generator<Piece | undefined> {
    let left = count;
    const take = (edge: Edge) => left > 0 && walk.selection.keeps(edge) && left-- > 0;
    for (const { block, start } of blocksFrom(walk, from)) {
      if (left === 0) return;
      yield* linesOf(block, this.#graph.edgeLists.pieceOf, (edge, i) => i >= start && take(edge));
      yield undefined;
    }
  }
}

function letGo(walk: Walk): void {
  if (--walk.holders === 0) walk.selection.release();
}

function* list(selection: Selection, into: Entry[]): Steps<void> {
  const pause = every(often);
  for (const entry of selection.entries()) {
    into.push(entry);
    if (pause()) yield;
  }
}

/** Outgoing relations of a resource from an index on. */
interface Rest {
  readonly entry: number;
  readonly block: Block;
  /** Index of the block's first relation among all of the resource. */
  readonly first: number;
  /** First index in the block. */
  readonly start: number;
}

function* blocksFrom({ entries }: Walk, from: RelationPlace): Generator<Rest> {
  for (let entry = from.entry; entry < entries.length; entry++) {
    const skipped = entry === from.entry ? from.edge : 0;
    let first = 0;
    for (const block of (entries[entry] as Entry).out) {
      const start = Math.max(0, skipped - first);
      if (start < block.size) yield { entry, block, first, start };
      first += block.size;
    }
  }
}

/** Counts relations from a place on, up to a maximum, and finds the place after them. */
function* relationsFrom(walk: Walk, from: RelationPlace, most: number): Steps<{ count: number; next?: RelationPlace }> {
  const pause = every(often);
  let count = 0;
  for (const { entry, block, first, start } of blocksFrom(walk, from)) {
    for (const [i, edge] of block.edges.entries()) {
      if (i < start) continue;
      if (pause()) yield;
      if (!walk.selection.keeps(edge)) continue;
      if (count === most) return { count, next: { entry, edge: first + i } };
      count++;
    }
  }
  return { count };
}

/** Form of a cursor. */
export const cursorPattern = '^[A-Za-z0-9_-]{8,64}\\.[0-9]{1,12}\\.(r[0-9]{1,12}|e[0-9]{1,12}\\.[0-9]{1,12})$';

function cursorOf(id: string, place: Place, position: number): string {
  return `${id}.${position}.${'resource' in place ? `r${place.resource}` : `e${place.entry}.${place.edge}`}`;
}

function partsOf(cursor: string): {
  readonly id: string;
  readonly position: number;
  readonly place: Place | undefined;
} {
  const [id = '', position = '0', at = '', edge = '0'] = cursor.split('.');
  const number = Number(at.slice(1));
  const place = at.startsWith('r')
    ? { resource: number }
    : at.startsWith('e')
      ? { entry: number, edge: Number(edge) }
      : undefined;
  return { id, position: Number(position), place };
}
