// Why what is named and not there need not be missed: all that name it can do without it, expect it under some set-ups of a
// cluster only, or name what a controller is still to make. One claim that needs it is enough, and it is missing.
import type { Absence } from '../../../src/absence.ts';
import type { Edge, Vertex } from '../model/vertex.ts';
import { expectedFlag, optionalFlag, pendingFlag } from '../model/vertex.ts';
import { claimsOf } from './json.ts';
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
    vertices.forEach(look);
    relinked.forEach(look);
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

function absenceOf(vertex: Vertex): Absence | undefined {
  let any = 0;
  for (const edge of edgesAt(vertex)) {
    for (const { reason } of claimsOf(edge)) {
      if (!(reason.flags & dispensable)) return undefined;
      any |= reason.flags;
    }
  }
  if (any & pendingFlag) return 'pending';
  if (any & expectedFlag) return 'expected';
  return any ? 'optional' : undefined;
}

function* edgesAt(vertex: Vertex): Iterable<Edge> {
  yield* vertex.in;
  for (const { edges } of vertex.out) yield* edges;
}
