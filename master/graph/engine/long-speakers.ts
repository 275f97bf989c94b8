// Objects that say more than is followed. What an object says is as long as itself, and yet each relation costs many times
// the bytes that say it.
import type { SourcedReference } from '../contract.ts';
import type { Vertex } from '../model/vertex.ts';
import type { RelationLimit } from './relation-limit.ts';

export class LongSpeakers {
  readonly #limit: RelationLimit;
  readonly #tell: (said: string | undefined) => void;
  /** How many references of each are not followed. */
  readonly #cut = new Map<Vertex, number>();
  #sum = 0;

  constructor(limit: RelationLimit, tell: (said: string | undefined) => void) {
    this.#limit = limit;
    this.#tell = tell;
  }

  /** Those of the references that are followed: the first, in the order of the rules. */
  heard(vertex: Vertex, references: readonly SourcedReference[]): readonly SourcedReference[] {
    const most = this.#limit.ofOneObject;
    this.#note(vertex, Math.max(0, references.length - most));
    return references.length > most ? references.slice(0, most) : references;
  }

  #note(vertex: Vertex, cut: number): void {
    const before = this.#cut.get(vertex) ?? 0;
    if (before === cut) return;
    if (cut > 0) this.#cut.set(vertex, cut);
    else this.#cut.delete(vertex);
    this.#sum += cut - before;
    const { size } = this.#cut;
    const [first] = this.#cut.keys();
    const one = size === 1 && first ? first.id : `${size} objects`;
    this.#tell(
      size > 0 ? `cut: ${this.#sum} references of ${one}, each says more than ${this.#limit.ofOneObject}` : undefined,
    );
  }
}
