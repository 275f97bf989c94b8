// What objects say and is not followed: more than the limit of one object, or anything while memory is short. What an object
// says is as long as itself, and yet each relation costs many times the bytes that say it.
import type { SourcedReference } from '../contract.ts';
import type { Vertex } from '../model/vertex.ts';
import type { ClaimTable } from './claim-table.ts';
import type { RelationLimit } from './relation-limit.ts';

/** Told in words; undefined when there is nothing to say any more. */
type Tell = (what: string, said: string | undefined) => void;

const nothing: readonly SourcedReference[] = [];

export class UnheardReferences {
  readonly #limit: RelationLimit;
  readonly #claims: Pick<ClaimTable, 'saysNothing'>;
  readonly #tell: Tell;
  /** How many references of each are not followed. */
  readonly #cut = new Map<Vertex, number>();
  #sum = 0;
  /** Those that came while memory was short. */
  readonly #unheard = new Set<Vertex>();
  #toldClosed = false;

  constructor(limit: RelationLimit, claims: Pick<ClaimTable, 'saysNothing'>, tell: Tell) {
    this.#limit = limit;
    this.#claims = claims;
    this.#tell = tell;
  }

  /** Those of the references that are followed: the first, in the order of the rules. */
  heard(vertex: Vertex, references: readonly SourcedReference[]): readonly SourcedReference[] {
    const most = this.#limit.ofOneObject;
    // One that was heard may say something else: that is no more than it said, mostly.
    const closed = this.#limit.closed === true && this.#claims.saysNothing(vertex) && references.length > 0;
    this.#noteUnheard(vertex, closed);
    this.#noteCut(vertex, closed ? 0 : Math.max(0, references.length - most));
    if (closed) return nothing;
    return references.length > most ? references.slice(0, most) : references;
  }

  /** To be called when the limit may have changed. */
  settle(): void {
    const closed = this.#limit.closed === true;
    if (closed === this.#toldClosed) return;
    this.#toldClosed = closed;
    this.#tell('added now', closed ? 'none: the heap is nearly full' : undefined);
  }

  #noteUnheard(vertex: Vertex, closed: boolean): void {
    if (closed === this.#unheard.has(vertex)) return;
    if (closed) this.#unheard.add(vertex);
    else this.#unheard.delete(vertex);
    const { size } = this.#unheard;
    this.#tell(
      'of new objects',
      size > 0 ? `not made: ${size} objects came while the heap was nearly full` : undefined,
    );
  }

  #noteCut(vertex: Vertex, cut: number): void {
    const before = this.#cut.get(vertex) ?? 0;
    if (before === cut) return;
    if (cut > 0) this.#cut.set(vertex, cut);
    else this.#cut.delete(vertex);
    this.#sum += cut - before;
    this.#tell('of single objects', this.#words());
  }

  #words(): string | undefined {
    const { size } = this.#cut;
    const [first] = this.#cut.keys();
    if (!first) return undefined;
    const of = size === 1 ? first.id : `${size} objects`;
    return `cut: ${this.#sum} references of ${of}, each says more than ${this.#limit.ofOneObject}`;
  }
}
