// References that are not followed: those above the limit of one object, and all new ones while memory is short. A relation
// costs many times the bytes of its reference.
import type { SourcedReference } from '../contract.ts';
import type { Vertex } from '../model/vertex.ts';
import type { ClaimTable } from './claim-table.ts';
import type { RelationLimit } from './relation-limit.ts';

/** Reports in words; undefined ends the report. */
type Tell = (what: string, said: string | undefined) => void;

const nothing: readonly SourcedReference[] = [];

export class UnheardReferences {
  readonly #limit: RelationLimit;
  readonly #claims: Pick<ClaimTable, 'saysNothing'>;
  readonly #tell: Tell;
  /** Number of ignored references by object. */
  readonly #cut = new Map<Vertex, number>();
  #sum = 0;
  /** Objects that arrived while memory was short. */
  readonly #unheard = new Set<Vertex>();
  #toldClosed = false;

  constructor(limit: RelationLimit, claims: Pick<ClaimTable, 'saysNothing'>, tell: Tell) {
    this.#limit = limit;
    this.#claims = claims;
    this.#tell = tell;
  }

  /** The references that are followed: the first ones, in the order of the rules. */
  heard(vertex: Vertex, references: readonly SourcedReference[]): readonly SourcedReference[] {
    const most = this.#limit.ofOneObject;
    // An object that was heard before may change its references: mostly their number stays.
    const closed = this.#limit.closed === true && this.#claims.saysNothing(vertex) && references.length > 0;
    this.#noteUnheard(vertex, closed);
    this.#noteCut(vertex, closed ? 0 : Math.max(0, references.length - most));
    if (closed) return nothing;
    return references.length > most ? references.slice(0, most) : references;
  }

  /** Call when the limit may have changed. */
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
