// Who looked at what: from what may change to those who must be asked again then. What is not there is looked at as well: a
// name that is wanted leads to all that wait for it.
import { FewByKey } from './few.ts';

/** What may change: a resource itself, what leads out of it or into it, or what several resources say together. */
export const looks = ['itself', 'out', 'into', 'other'] as const;
export type Look = (typeof looks)[number];

/** Keys of what several say together. */
export const together = {
  /** Which ones of a type there are, in a namespace or in all, and what they are. */
  members: (type: string, namespace: string | undefined) =>
    namespace === undefined ? `*${type}` : `*${namespace} ${type}`,
  /** Whether there is any. */
  any: (type: string, namespace: string | undefined) =>
    namespace === undefined ? `+${type}` : `+${namespace} ${type}`,
  /** Whether it is known whole. */
  kind: (type: string) => `?${type}`,
  /** Which ones are chosen, or whether one of them is. */
  chosen: (choice: string, id?: string) => (id === undefined ? `=${choice}` : `=${choice} ${id}`),
} as const;

/** What one resource was found by. Used again and again: what is looked at is written down at the end. */
export class Looked {
  readonly itself = new Set<string>();
  readonly out = new Set<string>();
  readonly into = new Set<string>();
  readonly other = new Set<string>();

  get size(): number {
    return this.itself.size + this.out.size + this.into.size + this.other.size;
  }

  clear(): void {
    for (const look of looks) if (this[look].size > 0) this[look].clear();
  }
}

/** Before the ids that were looked at in another way than those before. No id is so short. */
const marks: { readonly [look in Look]: string } = { itself: '', out: '>', into: '<', other: '*' };
const lookOf = new Map(looks.map((look) => [marks[look], look]));

export class Dependencies {
  readonly #by: { readonly [look in Look]: FewByKey } = {
    itself: new FewByKey(),
    out: new FewByKey(),
    into: new FewByKey(),
    other: new FewByKey(),
  };
  readonly #of = new Map<string, readonly string[]>();
  #notes = 0;

  /** Those who looked at it. */
  on(look: Look, what: string): Iterable<string> {
    return this.#by[look].on(what);
  }

  /** Whether anybody looked at it. */
  has(look: Look, what: string): boolean {
    return this.#by[look].has(what);
  }

  /** In place of what was said of `who` before. */
  set(who: string, looked: Looked | undefined): void {
    const before = this.#of.get(who);
    const now = looked && looked.size > 0 ? listOf(looked) : undefined;
    if (before === now || (before && now && isSame(before, now))) return;
    if (before) each(before, (look, what) => this.#by[look].delete(what, who));
    if (now) each(now, (look, what) => this.#by[look].add(what, who));
    this.#notes += (now?.length ?? 0) - (before?.length ?? 0);
    if (now) this.#of.set(who, now);
    else this.#of.delete(who);
  }

  get size(): number {
    return this.#of.size;
  }

  /** Number of notes in total. */
  get notes(): number {
    return this.#notes;
  }

  /** Number of notes of `who`. */
  notesOf(who: string): number {
    return this.#of.get(who)?.length ?? 0;
  }
}

function listOf(looked: Looked): readonly string[] {
  const list: string[] = [...looked.itself];
  for (const look of ['out', 'into', 'other'] as const)
    if (looked[look].size > 0) list.push(marks[look], ...looked[look]);
  return list;
}

function each(list: readonly string[], visit: (look: Look, what: string) => void): void {
  let look: Look = 'itself';
  for (const text of list) {
    const mark = text.length < 2 ? lookOf.get(text) : undefined;
    if (mark) look = mark;
    else visit(look, text);
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, at) => text === b[at]);
}
