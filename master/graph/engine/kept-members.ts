// Members of sets, kept from one claim to the next: a thousand equal selectors look for them once. What is kept is bounded, since
// members of all sets number selectors times matches.
import type { Vertex } from '../model/vertex.ts';

/** Members kept of all sets together; 8 bytes each. */
const most = 100_000;

export class KeptMembers<Of> {
  readonly #kept = new Map<Of, readonly Vertex[]>();
  #size = 0;

  /** The members of the set, by `find` where they are not kept. Valid until the set changes. */
  of(set: Of, find: () => readonly Vertex[]): readonly Vertex[] {
    const known = this.#kept.get(set);
    if (known) return known;
    const found = find();
    if (found.length > most) return found;
    while (this.#size + found.length > most) this.#forgetOldest();
    this.#kept.set(set, found);
    this.#size += found.length;
    return found;
  }

  /** Call for each change of the set. */
  forget(set: Of): void {
    const known = this.#kept.get(set);
    if (!known) return;
    this.#kept.delete(set);
    this.#size -= known.length;
  }

  #forgetOldest(): void {
    const [oldest] = this.#kept.keys();
    if (oldest === undefined) this.#size = 0;
    else this.forget(oldest);
  }
}
