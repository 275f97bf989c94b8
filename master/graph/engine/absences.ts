// Why what is named and not there need not be missed: all that name it can do without it, expect it under some set-ups of a
// cluster only, or name what a controller is still to make. One claim that needs it is enough, and it is missing.
import type { Absence } from '../../../src/absence.ts';
import type { Claim, Edge, Vertex } from '../model/vertex.ts';
import { expectedFlag, optionalFlag, pendingFlag } from '../model/vertex.ts';
import type { Transaction } from './transaction.ts';

const dispensable = optionalFlag | expectedFlag | pendingFlag;

/** Kept for the few that need not be missed: a function of the claims on a vertex alone. */
export class Absences {
  readonly #virtualTypes: ReadonlySet<string>;
  readonly #of = new WeakMap<Vertex, Absence>();

  constructor(virtualTypes: ReadonlySet<string>) {
    this.#virtualTypes = virtualTypes;
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
    const now = vertex.present ? undefined : absenceOf(vertex);
    if (now === this.#of.get(vertex)) return;
    changed(vertex);
    if (now) this.#of.set(vertex, now);
    else this.#of.delete(vertex);
  }
}

/** Instead of flags, where a claim needs it. */
const needed = -1;

function absenceOf(vertex: Vertex): Absence | undefined {
  let any = saidOver(vertex.in, 0);
  for (const { edges } of vertex.out) if (any !== needed) any = saidOver(edges, any);
  if (any === needed) return undefined;
  if (any & pendingFlag) return 'pending';
  if (any & expectedFlag) return 'expected';
  return any ? 'optional' : undefined;
}

/** All that the claims of the relations say, beside `before`. Of a hub these are thousands, most of one claim. */
function saidOver(edges: Iterable<Edge>, before: number): number {
  let any = before;
  for (const { claims } of edges) {
    if (claims === undefined) continue;
    any = Array.isArray(claims) ? claims.reduce(saidBeside, any) : saidBeside(any, claims);
    if (any === needed) return needed;
  }
  return any;
}

function saidBeside(any: number, { reason: { flags } }: Claim): number {
  return any === needed || !(flags & dispensable) ? needed : any | flags;
}
