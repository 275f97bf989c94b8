// A selection read in pages: what was chosen is held at its revision until the last page was read, or nobody came for so
// long, or too much is held. A walk goes through the resources, then the relations, and sees each exactly once.
import { LRUCache } from 'lru-cache';
import type { Piece } from './bytes.ts';
import type { GraphReader } from './engine.ts';
import { linesOf } from './lines.ts';
import type { Entry } from './order.ts';
import type { Trim } from './query.ts';
import type { Selection, Size } from './select.ts';
import { trimmed } from './trim.ts';
import type { Edge } from './vertex.ts';

/** About what is kept for each resource of a held selection, and how much is kept for all of them. */
const bytesEach = 64;
const mostBytes = 128 << 20;
const mostWalks = 64;

export interface Page {
  readonly selection: Selection;
  /** Pieces of text, to be read at once. */
  readonly resources: Piece[];
  readonly relations: Piece[];
  /** How many of each. */
  readonly size: Size;
  /** Where the next page begins; undefined on the last. */
  readonly next: string | undefined;
  /** Resources and relations behind this page. */
  readonly remaining: number;
}

export interface PageOptions {
  readonly limit: number;
  readonly trim?: Trim | undefined;
  /** Resources alone. */
  readonly bare?: boolean;
}

export interface Pages {
  /** The first page; the selection is held for those that follow, and let go when there are none. */
  begin(selection: Selection, question: string, options: PageOptions): Page;
  /** The page at the cursor: undefined where what it walks through is held no more, or is the answer to another question. */
  proceed(cursor: string, question: string, options: PageOptions): Page | undefined;
  size(): number;
  close(): void;
}

interface Walk {
  readonly selection: Selection;
  readonly entries: readonly Entry[];
  readonly question: string;
}

/** The next resource, or, behind them, the next relation of one as a source. Relations are counted with those not kept. */
type Place = { readonly resource: number } | { readonly entry: number; readonly edge: number };

export interface PagesOptions {
  readonly graph: GraphReader;
  /** Something nobody guesses, of letters, digits, `-` and `_`. */
  readonly random: () => string;
  /** Milliseconds that a walk is held after its last page. */
  readonly patience?: number;
}

export function createPages({ graph, random, patience = 300_000 }: PagesOptions): Pages {
  const walks = new LRUCache<string, Walk>({
    max: mostWalks,
    maxSize: mostBytes,
    sizeCalculation: ({ entries }) => 1 + entries.length * bytesEach,
    ttl: patience,
    ttlAutopurge: true,
    updateAgeOnGet: true,
    dispose: ({ selection }) => selection.release(),
  });

  function pageOf(id: string, walk: Walk, from: Place, position: number, options: PageOptions): Page {
    const { limit, trim, bare = false } = options;
    const { entries, selection } = walk;
    const start = 'resource' in from ? from.resource : entries.length;
    const some = entries.slice(start, start + limit);
    const end = start + some.length;
    const isBehind = end === entries.length && !bare;
    const found = isBehind
      ? relationsFrom(walk, 'resource' in from ? { entry: 0, edge: 0 } : from, limit - some.length)
      : undefined;
    const { resources, relations } = selection.size();
    const done = position + some.length + (found?.count ?? 0);
    const remaining = resources + (bare ? 0 : relations) - done;
    const place = end < entries.length ? { resource: end } : found?.next;
    const next = remaining > 0 && place ? cursorOf(id, place, done) : undefined;
    return {
      selection,
      resources: [...trimmed(some, trim)],
      relations: found?.pieces ?? [],
      size: { resources: some.length, relations: found?.count ?? 0 },
      next,
      remaining,
    };
  }

  function relationsFrom(
    { entries, selection }: Walk,
    from: { readonly entry: number; readonly edge: number },
    most: number,
  ) {
    const pieces: Piece[] = [];
    let count = 0;
    for (let at = from.entry; at < entries.length; at++) {
      let edge = 0;
      for (const block of (entries[at] as Entry).out) {
        const first = edge;
        edge += block.edges.length;
        if (at === from.entry && edge <= from.edge) continue;
        const wanted = new Set<number>();
        for (let i = 0; i < block.edges.length; i++) {
          if ((at === from.entry && first + i < from.edge) || !selection.keeps(block.edges[i] as Edge)) continue;
          if (count === most) {
            pieces.push(...linesOf(block, graph.edgeLists.pieceOf, (line) => wanted.has(line)));
            return { pieces, count, next: { entry: at, edge: first + i } };
          }
          wanted.add(i);
          count++;
        }
        pieces.push(...linesOf(block, graph.edgeLists.pieceOf, (line) => wanted.has(line)));
      }
    }
    return { pieces, count, next: undefined };
  }

  return {
    begin(selection, question, options) {
      const walk: Walk = { selection, entries: [...selection.entries()], question };
      const id = random();
      const page = pageOf(id, walk, { resource: 0 }, 0, options);
      // One that is too large to be held is let go by the cache itself.
      if (page.next === undefined) selection.release();
      else {
        walks.set(id, walk);
        selection.onCut(() => walks.delete(id), true);
      }
      return page;
    },
    proceed(cursor, question, options) {
      const { id, place, position } = partsOf(cursor);
      const walk = walks.get(id);
      if (!walk || !place || walk.question !== question) return undefined;
      return pageOf(id, walk, place, position, options);
    },
    size: () => walks.size,
    close: () => walks.clear(),
  };
}

/** What a cursor looks like. */
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
