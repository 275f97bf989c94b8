// Why what is named and not there need not be missed: all that name it can do without it, expect it under some set-ups of a
// cluster only, or name what a controller is still to make. One claim that needs it is enough, and it is missing.
import type { Absence } from '../../../src/absence.ts';
import type { Vertex } from '../model/vertex.ts';
import { expectedFlag, optionalFlag, pendingFlag } from '../model/vertex.ts';
import type { EdgeRow, EdgeTable } from './edge-table.ts';
import type { Transaction } from './transaction.ts';

const dispensable = optionalFlag | expectedFlag | pendingFlag;

/** Kept for the few that need not be missed: a function of the claims on a vertex alone. */
export class Absences {
  readonly #virtualTypes: ReadonlySet<string>;
  readonly #edges: EdgeTable;
  readonly #of = new WeakMap<Vertex, Absence>();

  constructor(virtualTypes: ReadonlySet<string>, edges: EdgeTable) {
    this.#virtualTypes = virtualTypes;
    this.#edges = edges;
  }

  /** Of a vertex that is not there. */
  of(vertex: Vertex): Absence | undefined {
    return this.#of.get(vertex);
  }

  /** Judges what the transaction touched again; what comes out differently is handed to `changed` before it changes. */
  renew({ vertices, relinked }: Transaction, changed: (vertex: Vertex) => void): void {
    const look = (vertex: Vertex) => this.#renewOne(vertex, changed);
    // What is touched here is in both.
    for (const vertex of relinked) if (!vertices.has(vertex)) look(vertex);
    vertices.forEach(look);
  }

  #renewOne(vertex: Vertex, changed: (vertex: Vertex) => void): void {
    if (this.#virtualTypes.has(vertex.type)) return;
    const now = vertex.present ? undefined : absenceOf(this.#saidOf(vertex));
    if (now === this.#of.get(vertex)) return;
    changed(vertex);
    if (now) this.#of.set(vertex, now);
    else this.#of.delete(vertex);
  }

  /** All that the claims of its relations say. Of a hub these are thousands. */
  #saidOf(vertex: Vertex): number {
    let any = 0;
    const look = (flags: number) => {
      any = saidBeside(any, flags);
    };
    for (const row of rowsOf(vertex, this.#edges)) {
      this.#edges.claims.eachFlags(row, look);
      if (any === needed) return needed;
    }
    return any;
  }
}

function* rowsOf(vertex: Vertex, edges: EdgeTable): Generator<EdgeRow> {
  yield* edges.incomingRows(vertex);
  for (const block of vertex.out) for (let i = 0; i < block.size; i++) yield block.rowAt(i);
}

/** Instead of flags, where a claim needs it. */
const needed = -1;

function absenceOf(any: number): Absence | undefined {
  if (any === needed) return undefined;
  if (any & pendingFlag) return 'pending';
  if (any & expectedFlag) return 'expected';
  return any ? 'optional' : undefined;
}

function saidBeside(any: number, flags: number): number {
  return any === needed || !(flags & dispensable) ? needed : any | flags;
}
