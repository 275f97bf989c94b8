// Who looked at what: from what may change to those who must be asked again then. What is not there is looked at as well: a
// name that is wanted leads to all that wait for it.
import { getOrMake } from '../../../src/get-or-make.ts';

/** What may change: a resource itself, what leads out of it or into it, or which ones of a type there are. */
export const lookedAt = {
  itself: (id: string) => id,
  out: (id: string) => `>${id}`,
  into: (id: string) => `<${id}`,
  members: (type: string, namespace: string) => `*${namespace} ${type}`,
  allOf: (type: string) => `* ${type}`,
  /** Whether it is known whole. */
  kind: (type: string) => `?${type}`,
} as const;

type Few = string | Set<string>;

export class Dependencies {
  readonly #by = new Map<string, Few>();
  readonly #of = new Map<string, readonly string[]>();
  #notes = 0;

  /** Those who looked at it. */
  on(what: string): Iterable<string> {
    const found = this.#by.get(what);
    if (found === undefined) return [];
    return typeof found === 'string' ? [found] : found;
  }

  /** In place of what was said of `who` before. */
  set(who: string, what: ReadonlySet<string>): void {
    const before = this.#of.get(who);
    if (!before && what.size === 0) return;
    if (before?.length === what.size && before.every((each) => what.has(each))) return;
    for (const each of before ?? []) this.#remove(each, who);
    for (const each of what) this.#add(each, who);
    this.#notes += what.size - (before?.length ?? 0);
    if (what.size > 0) this.#of.set(who, [...what]);
    else this.#of.delete(who);
  }

  get size(): number {
    return this.#of.size;
  }

  /** How much is noted in all. */
  get notes(): number {
    return this.#notes;
  }

  /** How much is noted of what `who` looked at. */
  notesOf(who: string): number {
    return this.#of.get(who)?.length ?? 0;
  }

  #add(what: string, who: string): void {
    const known = getOrMake<string, Few>(this.#by, what, () => who);
    if (known === who) return;
    if (typeof known === 'string') this.#by.set(what, new Set([known, who]));
    else known.add(who);
  }

  #remove(what: string, who: string): void {
    const known = this.#by.get(what);
    if (known instanceof Set) known.delete(who);
    if (known === who || (known instanceof Set && known.size === 0)) this.#by.delete(what);
  }
}
