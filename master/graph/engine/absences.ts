// Why an absent resource need not exist: every claim on it is optional, applies to some set-ups only, or names something
// that a controller has yet to create. A single claim that requires it makes it missing.
import type { Absence } from '../../../src/absence.ts';
import type { Vertex } from '../model/vertex.ts';
import { expectedFlag, optionalFlag, pendingFlag } from '../model/vertex.ts';
import type { EdgeRow, EdgeTable } from './edge-table.ts';
import type { Transaction } from './transaction.ts';

const dispensable = optionalFlag | expectedFlag | pendingFlag;

/** Stores only the few exceptions: the value depends on the claims on a vertex alone. */
export class Absences {
  readonly #virtualTypes: ReadonlySet<string>;
  readonly #edges: EdgeTable;
  readonly #of = new WeakMap<Vertex, Absence>();

  constructor(virtualTypes: ReadonlySet<string>, edges: EdgeTable) {
    this.#virtualTypes = virtualTypes;
    this.#edges = edges;
  }

  /** For an absent vertex. */
  of(vertex: Vertex): Absence | undefined {
    return this.#of.get(vertex);
  }

  /** Judges the touched vertices again and calls `changed` before a verdict changes. */
  renew({ vertices, relinked }: Transaction, changed: (vertex: Vertex) => void): void {
    const look = (vertex: Vertex) => this.#renewOne(vertex, changed);
    // A vertex in both sets is handled here only once.
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

  /** Flags common to the claims of its relations. A hub has thousands of claims. */
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

/** Stands for "required": no combination of flags has this value. */
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
